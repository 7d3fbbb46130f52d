import { type EndpointSlice, type KubeObject, ownerReferenceFor } from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { AddressType, SliceChange } from './plan.js'
import { isHeadless, type ServiceObject } from './service-pods.js'

export type SliceObject = EndpointSlice & KubeObject

const SERVICE_NAME = 'kubernetes.io/service-name'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'
const HEADLESS = 'service.kubernetes.io/headless'
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
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
  now: string,
): SliceObject {
  const content = { addressType, endpoints: [...endpoints], ports: [...ports] }
  const labels = labelsFor(service)
  const annotations = { ...slice?.metadata.annotations, [TRIGGER_TIME]: now }
  if (slice) return { ...slice, ...content, metadata: { ...slice.metadata, labels, annotations } }
  const { name = '', namespace = '' } = service.metadata
  const ownerReferences = [ownerReferenceFor(service, resources.services)]
  const metadata = { generateName: `${name}-`, namespace, labels, annotations, ownerReferences }
  return { metadata, ...content }
}
