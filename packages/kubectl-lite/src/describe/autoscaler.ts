import type {
  HorizontalPodAutoscaler,
  HPAScalingRules,
  KubeObject,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '@miniplane/api'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { longTime, writeIdentity } from './text.js'
import type { DescribeWriter } from './writer.js'

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
  const { behavior } = spec ?? {}
  if (behavior) {
    writer.line(0, 'Behavior:')
    writeBehavior(writer, 'Scale Up', behavior.scaleUp)
    writeBehavior(writer, 'Scale Down', behavior.scaleDown)
  }
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

function writeBehavior(
  writer: DescribeWriter,
  direction: string,
  rules: HPAScalingRules | undefined,
): void {
  if (!rules) return
  writer.line(1, `${direction}:`)
  const { stabilizationWindowSeconds: seconds, policies = [], selectPolicy = 'Max' } = rules
  if (seconds !== undefined) writer.line(2, `Stabilization Window: ${seconds} seconds`)
  if (policies.length === 0) return
  writer.line(2, `Select Policy: ${selectPolicy}`)
  writer.line(2, 'Policies:')
  for (const { type, value, periodSeconds } of policies) {
    writer.line(3, `- Type: ${type}\tValue: ${value}\tPeriod: ${periodSeconds} seconds`)
  }
}

const UNKNOWN = '<unknown>'

/** What is measured, where it is now, and where it shall be. */
function writeMetric(
  writer: DescribeWriter,
  metric: MetricSpec,
  status: MetricStatus | undefined,
): void {
  const { external, pods, object, resource, containerResource } = metric
  if (external) {
    const title = JSON.stringify(external.metric.name)
    writeTarget(writer, `${title} `, external.target, status?.external?.current)
  } else if (pods) {
    const now = status?.pods?.current.averageValue ?? UNKNOWN
    const title = `${JSON.stringify(pods.metric.name)} on pods`
    writer.field(title, `${now} / ${pods.target.averageValue ?? '0'}`, 1)
  } else if (object) {
    const { kind, name } = object.describedObject
    const title = `"${object.metric.name}" on ${kind}/${name} `
    writeTarget(writer, title, object.target, status?.object?.current)
  } else if (resource) {
    const title = `resource ${resource.name} on pods`
    writeResource(writer, title, resource.target, status?.resource?.current)
  } else if (containerResource) {
    const { name, container, target } = containerResource
    const title = `resource ${name} of container "${container}" on pods`
    writeResource(writer, title, target, status?.containerResource?.current)
  } else writer.line(1, `<unknown metric type ${JSON.stringify(metric.type)}>`)
}

/** An average a Pod, or one value for all. */
function writeTarget(
  writer: DescribeWriter,
  title: string,
  target: MetricTarget,
  current: MetricValueStatus | undefined,
): void {
  const field = target.averageValue === undefined ? 'value' : 'averageValue'
  const what = field === 'value' ? '(target value)' : '(target average value)'
  writer.field(`${title}${what}`, `${current?.[field] ?? UNKNOWN} / ${target[field] ?? '0'}`, 1)
}

function writeResource(
  writer: DescribeWriter,
  title: string,
  { averageValue, averageUtilization }: MetricTarget,
  current: MetricValueStatus | undefined,
): void {
  if (averageValue !== undefined) {
    writer.field(title, `${current?.averageValue ?? UNKNOWN} / ${averageValue}`, 1)
    return
  }
  const used =
    current?.averageUtilization === undefined
      ? UNKNOWN
      : `${current.averageUtilization}% (${current.averageValue ?? ''})`
  const target = averageUtilization === undefined ? '<auto>' : `${averageUtilization}%`
  writer.field(`${title}  (as a percentage of request)`, `${used} / ${target}`, 1)
}
