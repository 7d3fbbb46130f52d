import {
  type EndpointSlice,
  isEqual,
  isStatusError,
  type KubeObject,
  type LabelMatcher,
  labelsMatcher,
  type Node,
} from '@miniplane/api'
import { type Cache, keyOf, resources } from '@miniplane/client'
import {
  type Controller,
  type Outcome,
  requeueAfter,
  type Work,
  watch,
} from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { rememberedSelector } from '../ownership/selectors.js'
import { limits } from './limits.js'
import { type AddressType, groupEndpoints, planSlices, type SliceChange } from './plan.js'
import {
  type PodObject,
  type ServiceObject,
  servicesConcerned,
  wantsEndpoints,
} from './service-pods.js'
import { labelsFor, type SliceObject, serviceKeys, sliceFor } from './slice-object.js'
import { TriggerTimes } from './trigger-times.js'
import { WrittenSlices } from './written-slices.js'

const ZONE = 'topology.kubernetes.io/zone'
const BY_SERVICE = 'service'

/** Says in EndpointSlices where the Pods of each Service are, and which of them are ready. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  eventSource: 'endpoint-slice-controller',

  start({ informer, clock }) {
    const services = informer(resources.services).cache
    const pods = informer(resources.pods).cache
    const nodes = informer(resources.nodes).cache
    const slices = informer(resources.endpointSlices).cache
    slices.addIndex(BY_SERVICE, (slice) => serviceKeys(slice))
    const selector = rememberedSelector<ServiceObject>(({ spec }) => labelsMatcher(spec.selector))
    const written = new WrittenSlices(clock)
    const triggers = new TriggerTimes()
    const parts = { services, pods, nodes, slices, selector, written, triggers }
    const reconciler = new SliceReconciler(parts)
    return {
      watches: [
        watch(resources.services, ({ object }) => [keyOf(object)]),
        watch(resources.pods, (change) => servicesConcerned(change, services, selector)),
        watch(resources.endpointSlices, ({ type, object }) => {
          const keys = serviceKeys(object)
          if (type === 'deleted') for (const key of keys) written.sawDeletion(key, object)
          return keys
        }),
      ],
      reconcile: (key, work) => reconciler.reconcile(key, work),
    }
  },
}

interface Parts {
  readonly services: Cache<ServiceObject>
  readonly pods: Cache<PodObject>
  readonly nodes: Cache<Node & KubeObject>
  readonly slices: Cache<SliceObject>
  readonly selector: (service: ServiceObject) => LabelMatcher
  readonly written: WrittenSlices
  readonly triggers: TriggerTimes
}

class SliceReconciler {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async reconcile(key: string, work: Work): Promise<Outcome | undefined> {
    const { services, slices, written, triggers } = this.#parts
    const service = services.get(key)
    // Deleted: the garbage collector takes its slices.
    if (service === undefined) {
      written.forget(key)
      triggers.forget(key)
    }
    if (service === undefined || service.metadata.deletionTimestamp) return undefined
    if (!wantsEndpoints(service)) return undefined
    const existing = slices.byIndex(BY_SERVICE, key)
    // The event that the cache lacks brings the key back; the time is for one that was lost.
    if (!written.areIn(key, existing)) return requeueAfter(limits.cacheLagMaxMs)
    try {
      await this.#sync(key, service, existing, work)
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined
      if (!isStatusError(error, 'Conflict')) reportFailure(service, error, work)
      throw error
    }
    return undefined
  }

  async #sync(
    key: string,
    service: ServiceObject,
    existing: readonly SliceObject[],
    work: Work,
  ): Promise<void> {
    const { pods, nodes, selector, triggers } = this.#parts
    const matcher = selector(service)
    const selected = pods
      .list(service.metadata.namespace ?? '')
      .filter(({ metadata }) => matcher.matches(metadata.labels))
    const triggerTime = triggers.next(key, service, selected)
    const zoneOf = (node: string) => nodes.get(node)?.metadata.labels?.[ZONE]
    const families = addressTypesOf(service)
    const live = existing.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    for (const family of families) {
      const groups = groupEndpoints(service, selected, family, zoneOf)
      const current = live.filter((slice) => slice.addressType === family)
      const { write, remove } = planSlices(groups, current)
      const touched = new Set([...write.map(({ slice }) => slice), ...remove])
      const mislabelled = current.filter(
        (slice) => !touched.has(slice) && !isEqual(slice.metadata.labels, labelsFor(service)),
      )
      await Promise.all([
        ...[...write, ...mislabelled.map(unchanged)].map((change) =>
          this.#write(key, sliceFor(service, family, change, triggerTime), work),
        ),
        ...remove.map((slice) => this.#remove(key, slice, work)),
      ])
    }
    const foreign = live.filter((slice) => !families.some((each) => each === slice.addressType))
    await Promise.all(foreign.map((slice) => this.#remove(key, slice, work)))
  }

  async #write(key: string, slice: SliceObject, { client }: Work): Promise<void> {
    const api = client.of(resources.endpointSlices)
    const isNew = slice.metadata.uid === undefined
    this.#parts.written.wrote(key, await (isNew ? api.create(slice) : api.update(slice)))
  }

  async #remove(key: string, slice: EndpointSlice, work: Work): Promise<void> {
    const { name = '', namespace = '' } = slice.metadata
    try {
      await work.client.of(resources.endpointSlices).delete(name, { namespace })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
    this.#parts.written.removed(key, slice)
  }
}

const addressTypesOf = ({ spec }: ServiceObject): AddressType[] =>
  (spec.ipFamilies ?? ['IPv4']).map((family) => (family === 'IPv6' ? 'IPv6' : 'IPv4'))

const unchanged = (slice: EndpointSlice): SliceChange => ({
  slice,
  ports: slice.ports ?? [],
  endpoints: slice.endpoints ?? [],
})

function reportFailure(service: ServiceObject, error: unknown, work: Work): void {
  const why = error instanceof Error ? error.message : String(error)
  work.event(service, resources.services, {
    type: 'Warning',
    reason: 'FailedToUpdateEndpointSlices',
    message: `Error updating Endpoint Slices for Service ${keyOf(service)}: ${why}`,
  })
}
