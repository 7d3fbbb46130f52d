import type { KubeObject, PodDisruptionBudget, PriorityClass } from '@miniplane/api'
import { selectorText } from '../workload/selector-text.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { mapSelector } from './text.js'

export async function describePodDisruptionBudget(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as PodDisruptionBudget
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  if (spec?.minAvailable !== undefined) writer.field('Min available', spec.minAvailable)
  else if (spec?.maxUnavailable !== undefined) writer.field('Max unavailable', spec.maxUnavailable)
  writer.field('Selector', spec?.selector ? selectorText(spec.selector) : '<unset>')
  writer.line(0, 'Status:')
  writer.field('Allowed disruptions', status?.disruptionsAllowed ?? 0, 2)
  writer.field('Current', status?.currentHealthy ?? 0, 2)
  writer.field('Desired', status?.desiredHealthy ?? 0, 2)
  writer.field('Total', status?.expectedPods ?? 0, 2)
  await writeEvents(object, context)
}

export async function describePriorityClass(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const {
    metadata,
    value,
    globalDefault = false,
    preemptionPolicy,
    description,
  } = object as unknown as PriorityClass
  writer.field('Name', metadata.name)
  writer.field('Value', value)
  writer.field('GlobalDefault', globalDefault)
  writer.field('PreemptionPolicy', preemptionPolicy ?? '')
  writer.field('Description', description ?? '')
  writer.field('Annotations', mapSelector(metadata.annotations))
  await writeEvents(object, context)
}
