import { type EndpointSlice, type KubeObject, ownerReferenceFor } from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { AddressType, SliceChange } from './plan.js'
import { isHeadless, type ServiceObject } from './service-pods.js'
import { withTriggerTime } from './trigger-times.js'

export type SliceObject = EndpointSlice & KubeObject

const SERVICE_NAME = 'kubernetes.io/service-name'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'
const HEADLESS = 'service.kubernetes.io/headless'
const RESERVED: readonly string[] = [SERVICE_NAME, MANAGED_BY, HEADLESS]

/** The Service that a slice of ours is about: one or none. */
export function serviceKeys({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[SERVICE_NAME]
  return name !== undefined && metadata.labels?.[MANAGED_BY] === MANAGER
    ? [`${metadata.namespace}/${name}`]
    : []
}

/** The Service's own, so that slices are found by them too, and ours. */
export function labelsFor(service: ServiceObject): Record<string, string> {
  const { name = '', labels = {} } = service.metadata
  const own = Object.entries(labels).filter(([key]) => !RESERVED.includes(key))
  return {
    ...Object.fromEntries(own),
    ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
    [MANAGED_BY]: MANAGER,
    [SERVICE_NAME]: name,
  }
}

/** The slice as it is to be written: a new one, or the one that is changed. */
export function sliceFor(
  service: ServiceObject,
  addressType: AddressType,
  { slice, ports, endpoints }: SliceChange,
  triggerTime: string | undefined,
): SliceObject {
  const content = { addressType, endpoints: orNull(endpoints), ports: orNull(ports) }
  const labels = labelsFor(service)
  const annotations = withTriggerTime(slice?.metadata.annotations, triggerTime)
  if (slice) return { ...slice, ...content, metadata: { ...slice.metadata, labels, annotations } }
  const { name = '', namespace = '' } = service.metadata
  const ownerReferences = [ownerReferenceFor(service, resources.services)]
  const metadata = { generateName: `${name}-`, namespace, labels, annotations, ownerReferences }
  return { metadata, ...content }
}

/** Empty and absent are the same to those who write protobuf, and only what is there has a manager. */
const orNull = <T>(list: readonly T[]): T[] => (list.length === 0 ? null : [...list]) as T[]
