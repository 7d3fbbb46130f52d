import type {
  ContainerResourceMetricSource,
  ExternalMetricSource,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
} from '@miniplane/api'
import { goSelector } from '../ownership/go-selector.js'

/** Why a metric says nothing. */
export interface MetricProblem {
  readonly reason: string
  /** Reported about the autoscaler. */
  readonly message: string
  /** The same as one of several metrics' problems. */
  readonly asPart: string
}

const NO_RESOURCE_METRICS =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'
const NO_CUSTOM_METRICS =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered'

/**
 * What asking for a metric comes to on a plane that serves none of the three metrics APIs: hollow
 * Pods use nothing that could be measured.
 */
export function metricProblem(spec: MetricSpec, namespace: string): MetricProblem {
  switch (spec.type) {
    case 'Resource':
      return resource('FailedGetResourceMetric', `${spec.resource?.name} resource`, spec.resource)
    case 'ContainerResource': {
      const what = `${spec.containerResource?.container} container`
      return resource('FailedGetContainerResourceMetric', what, spec.containerResource)
    }
    case 'Pods': {
      const message = `unable to get metric ${spec.pods?.metric.name}: ${NO_CUSTOM_METRICS}`
      const asPart = `failed to get pods metric value: ${message}`
      return { reason: 'FailedGetPodsMetric', message, asPart }
    }
    case 'Object': {
      const message = objectProblem(spec.object, namespace)
      const { metric, target } = spec.object ?? {}
      const part = target?.averageValue ? `failed to get ${metric?.name} object metric: ` : ''
      const asPart = `failed to get object metric value: ${part}${message}`
      return { reason: 'FailedGetObjectMetric', message, asPart }
    }
    case 'External': {
      const message = externalProblem(spec.external, namespace)
      const { name } = spec.external?.metric ?? {}
      const part = spec.external?.target.averageValue
        ? `${name} external metric`
        : `external metric ${name}`
      const asPart = `failed to get ${name} external metric value: failed to get ${part}: ${message}`
      return { reason: 'FailedGetExternalMetric', message, asPart }
    }
    default: {
      const message = `unknown metric source type ${JSON.stringify(spec.type)}`
      return { reason: 'InvalidMetricSourceType', message, asPart: message }
    }
  }
}

function resource(
  reason: string,
  what: string,
  source: Pick<ContainerResourceMetricSource, 'name' | 'target'> | undefined,
): MetricProblem {
  const name = source?.name ?? ''
  const cause = `unable to get metrics for resource ${name}: ${NO_RESOURCE_METRICS}`
  const message = `failed to get ${name} ${measured(source?.target)}: ${cause}`
  return { reason, message, asPart: `failed to get ${what} metric value: ${message}` }
}

const measured = (target: MetricTarget | undefined) =>
  target?.averageValue === undefined ? 'utilization' : 'usage'

function objectProblem(source: ObjectMetricSource | undefined, namespace: string): string {
  const { kind, name } = source?.describedObject ?? {}
  return `unable to get metric ${source?.metric.name}: ${kind} on ${namespace} ${name}/${NO_CUSTOM_METRICS}`
}

function externalProblem(source: ExternalMetricSource | undefined, namespace: string): string {
  const { name, selector } = source?.metric ?? {}
  return `unable to get external metric ${namespace}/${name}/${goSelector(selector)}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`
}
