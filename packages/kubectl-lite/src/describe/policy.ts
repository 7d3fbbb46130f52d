import type {
  HorizontalPodAutoscaler,
  KubeObject,
  MetricSpec,
  MetricStatus,
  PodDisruptionBudget,
  PriorityClass,
} from '@miniplane/api'
import { selectorText } from '../workload/selector-text.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { longTime, writeAnnotations, writeIdentity } from './text.js'
import type { DescribeWriter } from './writer.js'

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
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  await writeEvents(object, context)
}

export async function describeHorizontalPodAutoscaler(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as HorizontalPodAutoscaler
  writeIdentity(writer, object)
  writer.field('CreationTimestamp', longTime(metadata.creationTimestamp))
  const { kind = '', name = '' } = spec?.scaleTargetRef ?? {}
  writer.field('Reference', `${kind}/${name}`)
  writer.field('Metrics', '( current / target )')
  for (const [at, metric] of (spec?.metrics ?? []).entries()) {
    writeMetric(writer, metric, status?.currentMetrics?.[at])
  }
  writer.field('Min replicas', spec?.minReplicas ?? '<unset>')
  writer.field('Max replicas', spec?.maxReplicas ?? 0)
  writer.field(
    `${kind} pods`,
    `${status?.currentReplicas ?? 0} current / ${status?.desiredReplicas ?? 0} desired`,
  )
  const conditions = status?.conditions ?? []
  if (conditions.length > 0) {
    writer.line(0, 'Conditions:')
    writer.line(1, 'Type\tStatus\tReason\tMessage')
    writer.line(1, '----\t------\t------\t-------')
    for (const { type, status: state, reason, message } of conditions) {
      writer.line(1, `${type}\t${state}\t${reason ?? ''}\t${message ?? ''}`)
    }
  }
  await writeEvents(object, context)
}

function writeMetric(
  writer: DescribeWriter,
  metric: MetricSpec,
  current: MetricStatus | undefined,
): void {
  const { resource } = metric
  if (!resource) {
    writer.line(1, `<${metric.type}>`)
    return
  }
  const { averageUtilization, averageValue } = resource.target ?? {}
  const now = current?.resource?.current
  if (averageValue !== undefined) {
    writer.field(
      `resource ${resource.name} on pods`,
      `${now?.averageValue ?? '<unknown>'} / ${averageValue}`,
      1,
    )
    return
  }
  const used =
    now?.averageUtilization === undefined
      ? '<unknown>'
      : `${now.averageUtilization}% (${now.averageValue ?? ''})`
  const target = averageUtilization === undefined ? '<auto>' : `${averageUtilization}%`
  writer.field(
    `resource ${resource.name} on pods  (as a percentage of request)`,
    `${used} / ${target}`,
    1,
  )
}
