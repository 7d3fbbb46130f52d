import { createHash } from 'node:crypto'
import { type coreV1, isPodReady, type Pod, type Service, type ServicePort } from '@miniplane/api'
import { limits } from '../endpoint-slice/limits.js'
import { hasEndpoint, hostnameIn, isHeadless, targetPort } from '../endpoint-slice/service-pods.js'

type Address = coreV1.EndpointAddress
type Port = coreV1.EndpointPort
type Subset = coreV1.EndpointSubset

interface Reached {
  readonly address: Address
  readonly isReady: boolean
  readonly ports: Port[]
}

/**
 * Addresses by the ports they are reached through: as few subsets as possible, everything sorted,
 * so that the same Pods always give the same answer.
 */
export function subsetsFor(service: Service, pods: readonly Pod[]): Subset[] {
  const groups = new Map<string, Subset & { ports: Port[] }>()
  for (const { address, isReady, ports } of reachable(service, pods)) {
    const key = JSON.stringify(ports)
    const subset = groups.get(key) ?? { ports }
    groups.set(key, subset)
    const list = isReady ? 'addresses' : 'notReadyAddresses'
    subset[list] = [...(subset[list] ?? []), address]
  }
  return [...groups.entries()]
    .sort(([a], [b]) => compare(digest(a), digest(b)))
    .map(([, { addresses, notReadyAddresses, ports }]) => ({
      ...(addresses && { addresses: addresses.sort(byAddress) }),
      ...(notReadyAddresses && { notReadyAddresses: notReadyAddresses.sort(byAddress) }),
      ...(ports.length > 0 && { ports }),
    }))
}

/** Whether something had to be left out. */
export const isOverCapacity = (subsets: readonly Subset[]): boolean =>
  countOf(subsets) > limits.addressesPerEndpointsMax

const countOf = (subsets: readonly Subset[]): number =>
  subsets.reduce(
    (sum, { addresses = [], notReadyAddresses = [] }) =>
      sum + addresses.length + notReadyAddresses.length,
    0,
  )

/** Ready addresses are kept first. */
export function truncated(subsets: readonly Subset[]): Subset[] {
  let left: number = limits.addressesPerEndpointsMax
  const take = <T>(list: T[] | undefined): T[] => {
    const taken = (list ?? []).slice(0, left)
    left -= taken.length
    return taken
  }
  const ready = subsets.map(({ addresses }) => take(addresses))
  return subsets.flatMap((subset, index) => {
    const addresses = ready[index] ?? []
    const notReadyAddresses = take(subset.notReadyAddresses)
    if (addresses.length + notReadyAddresses.length === 0) return []
    return [
      {
        ...(addresses.length > 0 && { addresses }),
        ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
        ...(subset.ports && { ports: subset.ports }),
      },
    ]
  })
}

function reachable(service: Service, pods: readonly Pod[]): Reached[] {
  const { publishNotReadyAddresses = false, ports: servicePorts = [] } = service.spec
  return pods.flatMap((pod) => {
    if (!hasEndpoint(pod, publishNotReadyAddresses)) return []
    const address = addressOf(service, pod)
    if (address === undefined) return []
    const ports = servicePorts.flatMap((each) => portOf(pod, each))
    if (ports.length === 0 && !(servicePorts.length === 0 && isHeadless(service))) return []
    const isReady = publishNotReadyAddresses || isPodReady(pod)
    return [{ address, isReady, ports: ports.sort(byHash) }]
  })
}

function portOf(pod: Pod, servicePort: ServicePort): Port[] {
  const port = targetPort(pod, servicePort)
  if (port === undefined) return []
  const { name, protocol = 'TCP', appProtocol } = servicePort
  return [{ ...(name && { name }), port, protocol, ...(appProtocol && { appProtocol }) }]
}

function addressOf(service: Service, pod: Pod): Address | undefined {
  const isV6 = service.spec.ipFamilies?.[0] === 'IPv6'
  const ip = pod.status.podIPs?.find((each) => each.ip.includes(':') === isV6)?.ip
  if (ip === undefined) return undefined
  const hostname = hostnameIn(pod, service)
  const { namespace = '', name = '', uid = '' } = pod.metadata
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

const byAddress = (a: Address, b: Address): number =>
  compare(a.ip, b.ip) || compare(a.targetRef?.uid ?? '', b.targetRef?.uid ?? '')

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Ports stand in the order of their digests, as the real controller has them: clients show it. */
const byHash = (a: Port, b: Port): number => compare(digest(dump(a)), digest(dump(b)))

/** A port as Go's dump of the struct, which is what is digested. */
const dump = ({ name = '', port, protocol = '', appProtocol }: Port): string =>
  `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} AppProtocol:(*string)${appProtocol ?? '<nil>'}}`

const digest = (text: string): string => createHash('md5').update(text).digest('hex')
