import {
  type discoveryV1,
  type EndpointSlice,
  isEqual,
  isPodReady,
  type Pod,
  type Service,
} from '@miniplane/api'
import { limits } from './limits.js'
import { hasEndpoint, hostnameIn, targetPort } from './service-pods.js'

type Endpoint = discoveryV1.Endpoint
type Port = discoveryV1.EndpointPort

/** Endpoints that are reached through the same ports. */
export interface EndpointGroup {
  readonly ports: readonly Port[]
  readonly endpoints: Endpoint[]
}

export interface SliceChange {
  /** The slice to write to; undefined: a new one. */
  readonly slice: EndpointSlice | undefined
  readonly ports: readonly Port[]
  readonly endpoints: readonly Endpoint[]
}

export interface SlicePlan {
  readonly write: readonly SliceChange[]
  readonly remove: readonly EndpointSlice[]
}

export type AddressType = 'IPv4' | 'IPv6'

/** Pods with differently numbered ports of the same name go into different groups. */
export function groupEndpoints(
  service: Service,
  pods: readonly Pod[],
  addressType: AddressType,
  zoneOf: (nodeName: string) => string | undefined,
): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>()
  for (const pod of pods) {
    if (!hasEndpoint(pod, true)) continue
    const addresses = addressesOf(pod, addressType)
    if (addresses.length === 0) continue
    const ports = portsFor(service, pod)
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    groups.set(key, group)
    group.endpoints.push(endpointOf(service, pod, addresses, zoneOf))
  }
  return [...groups.values()]
}

const addressesOf = ({ status }: Pod, addressType: AddressType): string[] =>
  (status.podIPs ?? [])
    .map(({ ip }) => ip)
    .filter((ip) => ip.includes(':') === (addressType === 'IPv6'))

function portsFor({ spec }: Service, pod: Pod): Port[] {
  return (spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(pod, servicePort)
    if (port === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

function endpointOf(
  service: Service,
  pod: Pod,
  addresses: string[],
  zoneOf: (nodeName: string) => string | undefined,
): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = (service.spec.publishNotReadyAddresses ?? false) || (serving && !terminating)
  const { nodeName } = pod.spec
  const zone = nodeName ? zoneOf(nodeName) : undefined
  const hostname = hostnameIn(pod, service)
  const { namespace = '', name = '', uid = '' } = pod.metadata
  return {
    addresses,
    conditions: {
      ready,
      serving,
      terminating,
    },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName ? { nodeName } : {}),
    ...(zone === undefined ? {} : { zone }),
    ...(ready && hintsFor(service, nodeName, zone)),
  }
}

const SAME_NODE = 'PreferSameNode'
/** Of `trafficDistribution`; without one of these, traffic goes anywhere. */
const NEAR: readonly string[] = ['PreferClose', 'PreferSameZone', SAME_NODE]

/** Who should prefer the endpoint, as the Service wants its traffic spread. */
function hintsFor(
  { spec }: Service,
  nodeName: string | undefined,
  zone: string | undefined,
): Pick<Endpoint, 'hints'> {
  const wanted = spec.trafficDistribution ?? ''
  if (!NEAR.includes(wanted)) return {}
  const forNodes = wanted === SAME_NODE && nodeName ? [{ name: nodeName }] : undefined
  const forZones = zone ? [{ name: zone }] : undefined
  if (!forNodes && !forZones) return {}
  return { hints: { ...(forZones && { forZones }), ...(forNodes && { forNodes }) } }
}

/**
 * The fewest writes that make the slices say what the groups say: endpoints stay in the slice they
 * are in, new ones fill slices that are written anyway, then the fullest with room, then new ones.
 */
export function planSlices(
  groups: readonly EndpointGroup[],
  existing: readonly EndpointSlice[],
): SlicePlan {
  const byPorts = new Map<string, EndpointSlice[]>()
  for (const slice of existing) {
    const key = JSON.stringify(portsOf(slice))
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice])
  }
  const write: SliceChange[] = []
  const remove: EndpointSlice[] = []
  for (const group of groups) {
    const key = JSON.stringify(group.ports)
    const plan = planGroup(group, byPorts.get(key) ?? [])
    byPorts.delete(key)
    write.push(...plan.write)
    remove.push(...plan.remove)
  }
  remove.push(...[...byPorts.values()].flat())
  return groups.length > 0 ? reuse(write, remove) : withPlaceholder(remove)
}

/** A Service without endpoints has one empty slice, so that others see that it was looked at. */
function withPlaceholder(existing: readonly EndpointSlice[]): SlicePlan {
  const [first, ...others] = existing
  if (first === undefined)
    return { write: [{ slice: undefined, ports: [], endpoints: [] }], remove: [] }
  const isEmpty = (first.endpoints ?? []).length === 0 && (first.ports ?? []).length === 0
  return { write: isEmpty ? [] : [{ slice: first, ports: [], endpoints: [] }], remove: others }
}

const portsOf = ({ ports }: EndpointSlice): Port[] =>
  (ports ?? []).map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
    name,
    ...(port === undefined ? {} : { port }),
    protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }))

function planGroup(group: EndpointGroup, existing: readonly EndpointSlice[]): SlicePlan {
  const wanted = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]))
  const drafts = existing.map((slice) => {
    const kept = (slice.endpoints ?? []).flatMap((endpoint) => {
      const current = wanted.get(identityOf(endpoint))
      wanted.delete(identityOf(endpoint))
      return current ?? []
    })
    return { slice, endpoints: kept, isChanged: !isEqual(kept, slice.endpoints ?? []) }
  })
  const added = [...wanted.values()]
  // Written anyway first, then the fullest: that leaves the fewest half-empty slices.
  const withRoom = drafts
    .filter(({ endpoints }) => endpoints.length < limits.endpointsPerSliceMax)
    .sort(
      (a, b) =>
        Number(b.isChanged) - Number(a.isChanged) || b.endpoints.length - a.endpoints.length,
    )
  for (const draft of withRoom) {
    if (draft.endpoints.length === 0 && !draft.isChanged) continue
    const more = added.splice(0, limits.endpointsPerSliceMax - draft.endpoints.length)
    if (more.length === 0) break
    draft.endpoints.push(...more)
    draft.isChanged = true
  }
  const write: SliceChange[] = drafts
    .filter(({ isChanged, endpoints }) => isChanged && endpoints.length > 0)
    .map(({ slice, endpoints }) => ({ slice, ports: group.ports, endpoints }))
  while (added.length > 0) {
    const endpoints = added.splice(0, limits.endpointsPerSliceMax)
    write.push({ slice: undefined, ports: group.ports, endpoints })
  }
  const remove = drafts.filter(({ endpoints }) => endpoints.length === 0).map(({ slice }) => slice)
  return { write, remove }
}

/** Rather a slice with new content than a deletion and a creation. */
function reuse(write: readonly SliceChange[], remove: readonly EndpointSlice[]): SlicePlan {
  const free = [...remove]
  return {
    write: write.map((change) => (change.slice ? change : { ...change, slice: free.shift() })),
    remove: free,
  }
}

const identityOf = ({ targetRef, addresses }: Endpoint): string =>
  `${targetRef?.uid ?? ''} ${addresses.join(' ')}`
