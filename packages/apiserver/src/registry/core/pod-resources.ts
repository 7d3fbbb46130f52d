import { type Pod, type PodQosClass, type PodSpec, podQosClass, podRequests } from '@miniplane/api'

/**
 * What a Pod's containers request together, whatever the Pod asks for as a whole. Canonical
 * quantities by resource.
 */
export function aggregateContainerRequests(spec: PodSpec): Map<string, string> {
  const { overhead: _overhead, resources: _resources, ...containersOnly } = spec
  const total = podRequests({ spec: { ...containersOnly, containers: spec.containers ?? [] } })
  return new Map(Object.entries(total).map(([name, amount]) => [name, amount.toString()]))
}

/** Asked before validation, so the Pod may have no containers at all. */
export const qosClassOf = (pod: Pick<Pod, 'spec'>): PodQosClass =>
  pod.spec.containers ? podQosClass(pod) : 'BestEffort'
