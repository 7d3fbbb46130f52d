import { type coreV1, isStatusError, labelsMatcher, semanticEqual } from '@miniplane/api'
import { type Client, keyOf, resources, splitKey } from '@miniplane/client'
import {
  isHeadless,
  type ServiceObject,
  servicesConcerned,
  wantsEndpoints,
} from '../endpoint-slice/service-pods.js'
import { TriggerTimes, withTriggerTime } from '../endpoint-slice/trigger-times.js'
import { type Controller, watch } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { rememberedSelector } from '../ownership/selectors.js'
import { isOverCapacity, subsetsFor, truncated } from './subsets.js'

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'
const MANAGER = 'endpoint-controller'
const HEADLESS = 'service.kubernetes.io/headless'
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'

/** The same as EndpointSlices for those who still read the older Endpoints. */
export const endpointsController: Controller = {
  name: MANAGER,

  start({ informer }) {
    const services = informer(resources.services).cache
    const pods = informer(resources.pods).cache
    const endpoints = informer(resources.endpoints).cache
    const triggers = new TriggerTimes()
    const selector = rememberedSelector<ServiceObject>(({ spec }) => labelsMatcher(spec.selector))

    return {
      watches: [
        watch(resources.services, ({ object }) => [keyOf(object)]),
        watch(resources.pods, (change) => servicesConcerned(change, services, selector)),
        watch(resources.endpoints, ({ type, object }) =>
          type === 'deleted' ? [keyOf(object)] : [],
        ),
      ],
      async reconcile(key, { client }) {
        const service = services.get(key)
        const existing = endpoints.get(key)
        if (service === undefined) {
          triggers.forget(key)
          if (existing) await remove(key, client)
          return undefined
        }
        if (!wantsEndpoints(service)) return undefined
        const selected = pods
          .list(service.metadata.namespace ?? '')
          .filter(({ metadata }) => selector(service).matches(metadata.labels))
        const wanted = endpointsFor(service, subsetsFor(service, selected))
        const triggerTime = triggers.next(key, service, selected)
        if (existing && isSame(existing, wanted)) return undefined
        const annotations = withTriggerTime(wanted.metadata.annotations, triggerTime)
        const timed = { ...wanted, metadata: { ...wanted.metadata, annotations } }
        await write(existing, timed, client)
        return undefined
      },
    }
  },
}

function endpointsFor(
  service: ServiceObject,
  subsets: readonly coreV1.EndpointSubset[],
): coreV1.Endpoints {
  const { name = '', namespace = '', labels = {} } = service.metadata
  return {
    metadata: {
      name,
      namespace,
      labels: {
        ...labels,
        [MANAGED_BY]: MANAGER,
        ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
      },
      annotations: isOverCapacity(subsets) ? { [OVER_CAPACITY]: 'truncated' } : {},
    },
    subsets: truncated(subsets),
  }
}

/** All but the time of the change, which is only written with another one. */
const isSame = (existing: coreV1.Endpoints, wanted: coreV1.Endpoints): boolean =>
  semanticEqual(existing.subsets, wanted.subsets) &&
  semanticEqual(existing.metadata.labels, wanted.metadata.labels) &&
  existing.metadata.annotations?.[OVER_CAPACITY] === wanted.metadata.annotations?.[OVER_CAPACITY]

async function write(
  existing: coreV1.Endpoints | undefined,
  wanted: coreV1.Endpoints,
  client: Client,
): Promise<void> {
  const api = client.of(resources.endpoints)
  try {
    if (existing)
      await api.update({ ...wanted, metadata: { ...existing.metadata, ...wanted.metadata } })
    else await api.create(wanted)
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error
  }
}

async function remove(key: string, client: Client): Promise<void> {
  const { namespace = '', name } = splitKey(key)
  try {
    await client.of(resources.endpoints).delete(name, { namespace })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}
