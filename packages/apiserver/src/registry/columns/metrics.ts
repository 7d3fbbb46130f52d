import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '@miniplane/api'

/** Metrics past these are only counted. */
const METRICS_SHOWN = 2

/** `cpu: 40%/80%, memory: <unknown>/1Gi + 1 more...` */
export function metricsText({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? []
  if (metrics.length === 0) return '<none>'
  const current = status.currentMetrics ?? []
  const texts = metrics.map((metric, i) => metricText(metric, current[i]))
  const shown = texts.slice(0, METRICS_SHOWN).join(', ')
  const rest = texts.length - METRICS_SHOWN
  return rest > 0 ? `${shown} + ${rest} more...` : shown
}

function metricText(metric: MetricSpec, now: MetricStatus | undefined): string {
  const unknown = '<unknown>'
  switch (metric.type) {
    case 'Resource': {
      const { name = '', target } = metric.resource ?? {}
      const current = now?.resource?.current
      return `${name}: ${ofTarget(target, current, unknown)}`
    }
    case 'ContainerResource': {
      const { name = '', target } = metric.containerResource ?? {}
      const current = now?.containerResource?.current
      return `${name}: ${ofTarget(target, current, unknown)}`
    }
    case 'Pods':
      return `${now?.pods?.current?.averageValue ?? unknown}/${metric.pods?.target.averageValue ?? ''}`
    case 'Object': {
      const { target } = metric.object ?? {}
      const current = now?.object?.current
      if (target?.averageValue !== undefined) {
        return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
      }
      return `${current?.value ?? unknown}/${target?.value ?? ''}`
    }
    case 'External': {
      const { target } = metric.external ?? {}
      const current = now?.external?.current
      if (target?.averageValue !== undefined) {
        return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
      }
      return `${current?.value ?? unknown}/${target?.value ?? ''}`
    }
    default:
      return '<unknown type>'
  }
}

interface Amount {
  readonly averageValue?: string
  readonly averageUtilization?: number
}

function ofTarget(target: Amount | undefined, now: Amount | undefined, unknown: string): string {
  if (target?.averageValue !== undefined)
    return `${now?.averageValue ?? unknown}/${target.averageValue}`
  const current = now?.averageUtilization === undefined ? unknown : `${now.averageUtilization}%`
  const wanted =
    target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`
  return `${current}/${wanted}`
}
