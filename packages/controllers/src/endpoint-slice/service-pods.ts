import {
  isEqual,
  isPodTerminal,
  type KubeObject,
  type LabelMatcher,
  type Pod,
  podReadyCondition,
  type Service,
  type ServicePort,
} from '@miniplane/api'
import { type Cache, keyOf } from '@miniplane/client'
import type { Change } from '../manager/controller.js'

export type ServiceObject = Service & KubeObject
export type PodObject = Pod & KubeObject

/** Services that somebody has to find the Pods for. */
export const wantsEndpoints = ({ spec }: Service): boolean =>
  spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0

export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None'

/** Running Pods with an address; those on their way out only if `withTerminating`. */
export function hasEndpoint(pod: Pod, withTerminating: boolean): boolean {
  if (isPodTerminal(pod) || (pod.status.podIPs ?? []).length === 0) return false
  return withTerminating || pod.metadata.deletionTimestamp === undefined
}

/** Undefined when the Pod has no port of that name. */
export function targetPort(pod: Pod, { targetPort, port, protocol }: ServicePort) {
  if (typeof targetPort === 'number') return targetPort === 0 ? port : targetPort
  if (targetPort === undefined || targetPort === '') return port
  const { containers, initContainers = [] } = pod.spec
  // Those that are restarted always run beside the others, and may serve.
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const { ports = [] } of [...containers, ...sidecars]) {
    const found = ports.find(
      (each) => each.name === targetPort && (each.protocol ?? 'TCP') === (protocol ?? 'TCP'),
    )
    if (found) return found.containerPort
  }
  return undefined
}

/** The Pod's name under the Service, when it asked for one. */
export const hostnameIn = ({ spec, metadata }: Pod, service: Service): string | undefined =>
  spec.hostname &&
  spec.subdomain === service.metadata.name &&
  metadata.namespace === service.metadata.namespace
    ? spec.hostname
    : undefined

/** The Services whose endpoints a change of a Pod may change. */
export function servicesConcerned(
  { type, object, old }: Change<PodObject>,
  services: Cache<ServiceObject>,
  selector: (service: ServiceObject) => LabelMatcher,
): string[] {
  if (type === 'updated' && old && !isOfInterest(old, object)) return []
  const keys: string[] = []
  for (const service of services.list(object.metadata.namespace ?? '')) {
    if (!wantsEndpoints(service)) continue
    const matcher = selector(service)
    const matches =
      matcher.matches(object.metadata.labels) || (old && matcher.matches(old.metadata.labels))
    if (matches) keys.push(keyOf(service))
  }
  return keys
}

/** Most changes of a Pod's status are of no interest to anybody who wants to reach it. */
function isOfInterest(old: Pod, pod: Pod): boolean {
  return (
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    old.status.phase !== pod.status.phase ||
    old.spec.nodeName !== pod.spec.nodeName ||
    podReadyCondition(old)?.status !== podReadyCondition(pod)?.status ||
    !isEqual(old.status.podIPs, pod.status.podIPs) ||
    !isEqual(old.metadata.labels, pod.metadata.labels)
  )
}
