import {
  type Pod,
  type PodQosClass,
  type PodSpec,
  podLimits,
  podQosClass,
  podRequests,
} from '@miniplane/api'

/**
 * What a Pod's containers ask for together, or may use, whatever is said of the Pod as a whole.
 * Canonical quantities by resource.
 */
export function aggregateContainers(
  spec: PodSpec,
  side: 'requests' | 'limits',
): Map<string, string> {
  const { overhead: _overhead, resources: _resources, ...containersOnly } = spec
  const pod = { spec: { ...containersOnly, containers: spec.containers ?? [] } }
  const total = side === 'requests' ? podRequests(pod) : podLimits(pod)
  return new Map(Object.entries(total).map(([name, amount]) => [name, amount.toString()]))
}

/** Asked before validation, so the Pod may have no containers at all. */
export const qosClassOf = (pod: Pick<Pod, 'spec'>): PodQosClass =>
  pod.spec.containers ? podQosClass(pod) : 'BestEffort'
