import type { autoscalingV2 } from '@miniplane/api'

/** Why a metric could not be read, in the three places where it is said. */
export interface MetricFailure {
  readonly reason: string
  readonly message: string
  /** The message inside the summary of all metrics. */
  readonly summarized: string
}

const NO_RESOURCE_METRICS =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'
const NO_CUSTOM_METRICS =
  'unable to fetch metrics from custom metrics API: no known available metric versions found'
const NO_EXTERNAL_METRICS =
  'unable to fetch metrics from external metrics API: no known available metric versions found'

/** This plane serves no metrics APIs, so no metric can be read; the words are a real cluster's. */
export function metricFailure(metric: autoscalingV2.MetricSpec): MetricFailure {
  switch (metric.type) {
    case 'Resource':
      return resourceFailure('FailedGetResourceMetric', metric.resource, 'resource')
    case 'ContainerResource':
      return resourceFailure(
        'FailedGetContainerResourceMetric',
        metric.containerResource,
        'container resource',
      )
    case 'Pods':
      return customFailure(
        'FailedGetPodsMetric',
        metric.pods?.metric.name,
        'pods',
        NO_CUSTOM_METRICS,
      )
    case 'Object':
      return customFailure(
        'FailedGetObjectMetric',
        metric.object?.metric.name,
        'object',
        NO_CUSTOM_METRICS,
      )
    default:
      return customFailure(
        'FailedGetExternalMetric',
        metric.external?.metric.name,
        'external',
        NO_EXTERNAL_METRICS,
      )
  }
}

function resourceFailure(
  reason: string,
  source: { name: string; target: autoscalingV2.MetricTarget } | undefined,
  kind: string,
): MetricFailure {
  const name = source?.name ?? ''
  const measure = source?.target.type === 'Utilization' ? 'utilization' : 'usage'
  const message = `failed to get ${name} ${measure}: unable to get metrics for resource ${name}: ${NO_RESOURCE_METRICS}`
  return { reason, message, summarized: `failed to get ${name} ${kind} metric value: ${message}` }
}

function customFailure(reason: string, name = '', kind: string, why: string): MetricFailure {
  const message = `unable to get metric ${name}: ${why}`
  return { reason, message, summarized: `failed to get ${kind} metric value: ${message}` }
}
