import { type PodSpec, podRequests } from '@miniplane/api'

/**
 * What a Pod's containers request together, whatever the Pod asks for as a whole. Canonical
 * quantities by resource.
 */
export function aggregateContainerRequests(spec: PodSpec): Map<string, string> {
  const { overhead: _overhead, resources: _resources, ...containersOnly } = spec
  const total = podRequests({ spec: { ...containersOnly, containers: spec.containers ?? [] } })
  return new Map(Object.entries(total).map(([name, amount]) => [name, amount.toString()]))
}
