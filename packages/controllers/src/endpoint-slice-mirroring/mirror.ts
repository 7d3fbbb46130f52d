import {
  type coreV1,
  type discoveryV1,
  type KubeObject,
  ownerReferenceFor,
  type Service,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { AddressType, EndpointGroup, SliceChange } from '../endpoint-slice/plan.js'
import type { SliceObject } from '../endpoint-slice/slice-object.js'

export type EndpointsObject = coreV1.Endpoints & KubeObject

const SERVICE_NAME = 'kubernetes.io/service-name'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslicemirroring-controller.k8s.io'
const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
/** Old leader elections kept their lock in Endpoints. */
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
const NOT_COPIED: ReadonlySet<string> = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/over-capacity',
])

/** The Endpoints that a slice of ours repeats: of one or none. */
export function mirroredKeys({ metadata }: SliceObject): string[] {
  const name = metadata.labels?.[SERVICE_NAME]
  return name !== undefined && metadata.labels?.[MANAGED_BY] === MANAGER
    ? [`${metadata.namespace}/${name}`]
    : []
}

/** Endpoints that somebody keeps by hand, for a Service that selects no Pods. */
export const isMirrored = (endpoints: EndpointsObject, service: Service | undefined): boolean =>
  service !== undefined &&
  Object.keys(service.spec.selector ?? {}).length === 0 &&
  endpoints.metadata.deletionTimestamp === undefined &&
  endpoints.metadata.labels?.[SKIP] !== 'true' &&
  endpoints.metadata.annotations?.[LEADER] === undefined

/** What the subsets say, in the terms of slices of that family. */
export function groupSubsets(
  { subsets = [] }: coreV1.Endpoints,
  addressType: AddressType,
): EndpointGroup[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const of = (list: coreV1.EndpointAddress[], ready: boolean) =>
      list
        .filter(({ ip }) => ip.includes(':') === (addressType === 'IPv6'))
        .map((address) => endpointOf(address, ready))
    const endpoints = [...of(addresses, true), ...of(notReadyAddresses, false)]
    return endpoints.length > 0 ? [{ ports: ports.map(portOf), endpoints }] : []
  })
}

const endpointOf = (
  { ip, hostname, nodeName, targetRef }: coreV1.EndpointAddress,
  ready: boolean,
): discoveryV1.Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname && { hostname }),
  ...(nodeName && { nodeName }),
  ...(targetRef && { targetRef }),
})

const portOf = ({ name = '', port, protocol = 'TCP', appProtocol }: coreV1.EndpointPort) => ({
  name,
  port,
  protocol,
  ...(appProtocol !== undefined && { appProtocol }),
})

export const labelsFor = ({ metadata }: EndpointsObject): Record<string, string> => ({
  ...metadata.labels,
  [SERVICE_NAME]: metadata.name ?? '',
  [MANAGED_BY]: MANAGER,
})

/** The slice as it is to be written: a new one, or the one that is changed. */
export function mirrorSlice(
  endpoints: EndpointsObject,
  addressType: AddressType,
  change: SliceChange,
): SliceObject {
  const { slice, ports } = change
  const content = { addressType, endpoints: [...change.endpoints], ports: [...ports] }
  const labels = labelsFor(endpoints)
  const copied = Object.entries(endpoints.metadata.annotations ?? {})
  const annotations = Object.fromEntries(copied.filter(([key]) => !NOT_COPIED.has(key)))
  if (slice) return { ...slice, ...content, metadata: { ...slice.metadata, labels, annotations } }
  const { name = '', namespace = '' } = endpoints.metadata
  const ownerReferences = [ownerReferenceFor(endpoints, resources.endpoints)]
  const metadata = { generateName: `${name}-`, namespace, labels, annotations, ownerReferences }
  return { metadata, ...content }
}
