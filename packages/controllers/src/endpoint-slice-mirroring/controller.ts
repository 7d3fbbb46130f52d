import { type EndpointSlice, isEqual, isStatusError } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { limits } from '../endpoint-slice/limits.js'
import { type AddressType, planSlices } from '../endpoint-slice/plan.js'
import type { SliceObject } from '../endpoint-slice/slice-object.js'
import { WrittenSlices } from '../endpoint-slice/written-slices.js'
import { type Controller, requeueAfter, type Work, watch } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import {
  type EndpointsObject,
  groupSubsets,
  isMirrored,
  labelsFor,
  mirroredKeys,
  mirrorSlice,
} from './mirror.js'

const BY_ENDPOINTS = 'endpoints'
const FAMILIES: readonly AddressType[] = ['IPv4', 'IPv6']

/** Repeats Endpoints that people write in EndpointSlices, which is what proxies read. */
export const endpointSliceMirroringController: Controller = {
  name: 'endpointslicemirroring-controller',

  start({ informer, clock }) {
    const services = informer(resources.services).cache
    const endpoints = informer(resources.endpoints).cache
    const slices = informer(resources.endpointSlices).cache
    slices.addIndex(BY_ENDPOINTS, mirroredKeys)
    const written = new WrittenSlices(clock)
    return {
      watches: [
        watch(resources.services, ({ object }) => [keyOf(object)]),
        watch(resources.endpoints, ({ object }) => [keyOf(object)]),
        watch(resources.endpointSlices, ({ type, object }) => {
          const keys = mirroredKeys(object)
          if (type === 'deleted') for (const key of keys) written.sawDeletion(key, object)
          return keys
        }),
      ],
      async reconcile(key, work) {
        const existing = slices.byIndex(BY_ENDPOINTS, key)
        if (!written.areIn(key, existing)) return requeueAfter(limits.cacheLagMaxMs)
        const source = endpoints.get(key)
        try {
          if (source && isMirrored(source, services.get(key)))
            await mirror(source, existing, written, work)
          else for (const slice of existing) await remove(key, slice, written, work)
        } catch (error) {
          if (!isNamespaceTerminating(error)) throw error
        }
        return undefined
      },
    }
  },
}

async function mirror(
  source: EndpointsObject,
  existing: readonly SliceObject[],
  written: WrittenSlices,
  work: Work,
): Promise<void> {
  const key = keyOf(source)
  const api = work.client.of(resources.endpointSlices)
  for (const family of FAMILIES) {
    const groups = groupSubsets(source, family)
    const current = existing.filter(({ addressType }) => addressType === family)
    // Unlike a Service that selects Pods, one without addresses has no slice to say so.
    const plan = groups.length > 0 ? planSlices(groups, current) : { write: [], remove: current }
    const touched = new Set([...plan.write.map(({ slice }) => slice), ...plan.remove])
    const mislabelled = current
      .filter((slice) => !touched.has(slice) && !isEqual(slice.metadata.labels, labelsFor(source)))
      .map((slice) => ({ slice, ports: slice.ports ?? [], endpoints: slice.endpoints ?? [] }))
    for (const change of [...plan.write, ...mislabelled]) {
      const slice = mirrorSlice(source, family, change)
      written.wrote(key, change.slice ? await api.update(slice) : await api.create(slice))
    }
    for (const slice of plan.remove) await remove(key, slice, written, work)
  }
}

async function remove(
  key: string,
  slice: EndpointSlice,
  written: WrittenSlices,
  { client }: Work,
): Promise<void> {
  const { name = '', namespace = '' } = slice.metadata
  try {
    await client.of(resources.endpointSlices).delete(name, { namespace })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
  written.removed(key, slice)
}
