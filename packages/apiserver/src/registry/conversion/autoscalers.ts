import {
  decodeObject,
  encodeJsonText,
  type HorizontalPodAutoscaler,
  type KubeObject,
  namedSchema,
} from '@miniplane/api'
import type { Conversion } from '../resource.js'
import {
  type Aspect,
  cpuMetric,
  cpuUtilization,
  type Metric,
  metricFromV1,
  metricToV1,
} from './metrics.js'

const PREFIX = 'autoscaling.alpha.kubernetes.io/'
const METRICS = `${PREFIX}metrics`
const CURRENT_METRICS = `${PREFIX}current-metrics`
const BEHAVIOR = `${PREFIX}behavior`
const CONDITIONS = `${PREFIX}conditions`
const ANNOTATIONS = [METRICS, CURRENT_METRICS, BEHAVIOR, CONDITIONS]

type Fields = Record<string, unknown>

/**
 * `autoscaling/v1` has fields for CPU utilization only and keeps everything else in annotations.
 * `autoscaling/v2` is what is stored.
 */
export const autoscalersConversion: Conversion = {
  toStored(served) {
    const { annotations } = metadataOf(served)
    const { targetCPUUtilizationPercentage: target, ...spec } = (served.spec ?? {}) as Fields
    const { currentCPUUtilizationPercentage: current, ...status } = (served.status ?? {}) as Fields
    const [metrics, currentMetrics] = [
      metricsOf(target, annotations?.[METRICS], 'target'),
      metricsOf(current, annotations?.[CURRENT_METRICS], 'current'),
    ]
    const behavior = parsed(annotations?.[BEHAVIOR])
    const conditions = parsed(annotations?.[CONDITIONS])
    return inFormOf('autoscaling.v2.HorizontalPodAutoscaler', {
      kind: 'HorizontalPodAutoscaler',
      apiVersion: 'autoscaling/v2',
      metadata: withAnnotations(served, {}),
      spec: { ...spec, metrics, ...(isFields(behavior) && { behavior: uncapitalised(behavior) }) },
      status: { ...status, currentMetrics, ...(Array.isArray(conditions) && { conditions }) },
    })
  },

  toServed(stored) {
    const { spec, status } = stored as Partial<HorizontalPodAutoscaler>
    const { metrics = [], behavior, ...restOfSpec } = spec ?? {}
    const { currentMetrics, conditions, ...restOfStatus } = status ?? {}
    const others = asMetrics(metrics).filter((one) => cpuUtilization(one, 'target') === undefined)
    return inFormOf('autoscaling.v1.HorizontalPodAutoscaler', {
      kind: 'HorizontalPodAutoscaler',
      apiVersion: 'autoscaling/v1',
      metadata: withAnnotations(stored, {
        [METRICS]: list(others.map((one) => metricToV1(one, 'target'))),
        [CURRENT_METRICS]: list(asMetrics(currentMetrics).map((one) => metricToV1(one, 'current'))),
        [BEHAVIOR]: behavior && encodeJsonText(behaviorInGo(behavior)),
        [CONDITIONS]: list(conditions),
      }),
      spec: { ...restOfSpec, targetCPUUtilizationPercentage: cpuOf(metrics, 'target') },
      status: {
        ...restOfStatus,
        currentCPUUtilizationPercentage: cpuOf(currentMetrics, 'current'),
      },
    })
  },
}

const asMetrics = (metrics: unknown) => (metrics ?? []) as readonly Metric[]
const inFormOf = (type: string, value: Fields) =>
  decodeObject(value, namedSchema(type)).object as unknown as KubeObject

const list = (items: readonly unknown[] | null | undefined) =>
  items?.length ? encodeJsonText(items) : undefined

function cpuOf(metrics: unknown, aspect: Aspect): number | undefined {
  for (const metric of asMetrics(metrics)) {
    const percent = cpuUtilization(metric, aspect)
    if (percent !== undefined) return percent
  }
  return undefined
}

/** Those of the annotation first; a measured CPU stands in the annotation already. */
function metricsOf(cpu: unknown, annotation: string | undefined, aspect: Aspect): Metric[] | null {
  const own = typeof cpu === 'number' ? [cpuMetric(cpu, aspect)] : null
  const others = parsed(annotation)
  if (!Array.isArray(others)) return own
  const kept = others.filter(isFields).map((one) => metricFromV1(one as Metric, aspect))
  return aspect === 'current' ? kept : [...kept, ...(own ?? [])]
}

/** Apply converts parts of objects, too: what nobody owns is not there. */
const metadataOf = ({ metadata }: Partial<KubeObject>): KubeObject['metadata'] => metadata ?? {}

/** Only annotations made by this conversion count; whatever else stands there is dropped. */
function withAnnotations(
  object: KubeObject,
  added: Readonly<Record<string, string | undefined>>,
): KubeObject['metadata'] {
  const metadata = metadataOf(object)
  const annotations = { ...metadata.annotations }
  for (const name of ANNOTATIONS) {
    const text = added[name]
    if (text === undefined) delete annotations[name]
    else annotations[name] = text
  }
  const { annotations: _, ...rest } = metadata
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest
}

/** What can't be read is ignored, as in the real server: a client may write anything there. */
function parsed(annotation: string | undefined): unknown {
  if (annotation === undefined) return undefined
  try {
    return JSON.parse(annotation)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The real server encodes a type there that was never meant for it: Go's own field names. */
const behaviorInGo = (behavior: NonNullable<HorizontalPodAutoscaler['spec']['behavior']>) => ({
  ScaleUp: rulesInGo(behavior.scaleUp),
  ScaleDown: rulesInGo(behavior.scaleDown),
})

const rulesInGo = (rules: NonNullable<HorizontalPodAutoscaler['spec']['behavior']>['scaleUp']) =>
  rules
    ? {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies:
          rules.policies?.map(({ type, value, periodSeconds }) => ({
            Type: type,
            Value: value,
            PeriodSeconds: periodSeconds,
          })) ?? null,
        Tolerance: rules.tolerance ?? null,
      }
    : null

function uncapitalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(uncapitalised)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null)
      .map(([name, each]) => [
        `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`,
        uncapitalised(each),
      ]),
  )
}
