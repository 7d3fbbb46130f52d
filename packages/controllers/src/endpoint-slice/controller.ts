import {
  type EndpointSlice,
  formatTime,
  isStatusError,
  labelsMatcher,
  ownerReferenceFor,
} from '@miniplane/api'
import { type Client, keyOf, resources } from '@miniplane/client'
import { type Controller, watch } from '../manager/controller.js'
import { rememberedSelector } from '../ownership/selectors.js'
import { isNamespaceTerminating } from '../pod-control/pod-control.js'
import { type AddressType, groupEndpoints, planSlices, type SliceChange } from './plan.js'
import {
  isHeadless,
  type ServiceObject,
  servicesConcerned,
  wantsEndpoints,
} from './service-pods.js'

const SERVICE_NAME = 'kubernetes.io/service-name'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'
const HEADLESS = 'service.kubernetes.io/headless'
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
const ZONE = 'topology.kubernetes.io/zone'
const BY_SERVICE = 'service'

/** Says in EndpointSlices where the Pods of each Service are, and which of them are ready. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',

  start({ informer, clock }) {
    const services = informer(resources.services).cache
    const pods = informer(resources.pods).cache
    const nodes = informer(resources.nodes).cache
    const slices = informer(resources.endpointSlices).cache
    slices.addIndex(BY_SERVICE, (slice) => serviceKeys(slice))
    const selector = rememberedSelector<ServiceObject>(({ spec }) => labelsMatcher(spec.selector))
    const zoneOf = (node: string) => nodes.get(node)?.metadata.labels?.[ZONE]

    return {
      watches: [
        watch(resources.services, ({ object }) => [keyOf(object)]),
        watch(resources.pods, (change) => servicesConcerned(change, services, selector)),
        watch(resources.endpointSlices, ({ object }) => serviceKeys(object)),
      ],
      async reconcile(key, { client }) {
        const service = services.get(key)
        // Deleted: the garbage collector takes its slices.
        if (service === undefined || service.metadata.deletionTimestamp) return undefined
        if (!wantsEndpoints(service)) return undefined
        const selected = pods
          .list(service.metadata.namespace ?? '')
          .filter(({ metadata }) => selector(service).matches(metadata.labels))
        const existing = slices.byIndex(BY_SERVICE, key)
        for (const addressType of addressTypesOf(service)) {
          const groups = groupEndpoints(service, selected, addressType, zoneOf)
          const current = existing.filter((slice) => slice.addressType === addressType)
          const { write, remove } = planSlices(groups, current)
          const now = formatTime(clock.now())
          await Promise.all([
            ...write.map((change) => writeSlice(service, addressType, change, now, client)),
            ...remove.map((slice) => removeSlice(slice, client)),
          ])
        }
        return undefined
      },
    }
  },
}

/** The Service that a slice of ours is about. */
function serviceKeys({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[SERVICE_NAME]
  return name !== undefined && metadata.labels?.[MANAGED_BY] === MANAGER
    ? [`${metadata.namespace}/${name}`]
    : []
}

const addressTypesOf = ({ spec }: ServiceObject): AddressType[] =>
  (spec.ipFamilies ?? ['IPv4']).map((family) => (family === 'IPv6' ? 'IPv6' : 'IPv4'))

async function writeSlice(
  service: ServiceObject,
  addressType: AddressType,
  { slice, ports, endpoints }: SliceChange,
  now: string,
  client: Client,
): Promise<void> {
  const { name = '', namespace = '' } = service.metadata
  const content = { addressType, endpoints: [...endpoints], ports: [...ports] }
  const labels = labelsFor(service)
  const annotations = { ...slice?.metadata.annotations, [TRIGGER_TIME]: now }
  const api = client.of(resources.endpointSlices)
  if (slice) {
    await api.update({ ...slice, ...content, metadata: { ...slice.metadata, labels, annotations } })
    return
  }
  const ownerReferences = [ownerReferenceFor(service, resources.services)]
  const metadata = { generateName: `${name}-`, namespace, labels, annotations, ownerReferences }
  try {
    await api.create({ metadata, ...content })
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error
  }
}

/** The Service's own, so that slices are found by them too, and ours. */
function labelsFor(service: ServiceObject): Record<string, string> {
  const { name = '', labels = {} } = service.metadata
  return {
    ...labels,
    ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
    [MANAGED_BY]: MANAGER,
    [SERVICE_NAME]: name,
  }
}

async function removeSlice({ metadata }: EndpointSlice, client: Client): Promise<void> {
  const { name = '', namespace = '' } = metadata
  try {
    await client.of(resources.endpointSlices).delete(name, { namespace })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}
