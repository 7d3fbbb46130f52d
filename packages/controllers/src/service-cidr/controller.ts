import {
  findCondition,
  formatTime,
  isStatusError,
  type KubeObject,
  parseTime,
  type ServiceCIDR,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type Controller, requeueAfter, type Work, watch } from '../manager/controller.js'
import { contains, isCovered } from './ranges.js'

type RangeObject = ServiceCIDR & KubeObject

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer'
const MANAGER = 'service-cidr-controller'
/** So long those who hand out addresses may not have heard that the range is going. */
const GRACE_MS = 10_000

const READY = { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' } as const
const IN_USE = {
  status: 'False',
  reason: 'Terminating',
  message:
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
} as const

/** Makes ranges of Services' addresses ready, and keeps those that are still needed. */
export const serviceCidrController: Controller = {
  name: 'service-cidrs-controller',

  start({ informer, clock }) {
    const ranges = informer(resources.serviceCidrs).cache
    const addresses = informer(resources.ipAddresses).cache
    const services = informer(resources.services).cache
    const others = (range: RangeObject) =>
      ranges.list().filter((each) => each.metadata.name !== range.metadata.name)
    const used = () => [
      ...addresses.list().map(({ metadata }) => metadata.name ?? ''),
      ...services
        .list()
        .flatMap(({ spec }) => (spec.clusterIPs ?? []).filter((ip) => ip !== 'None')),
    ]
    const isNeeded = (range: RangeObject) => {
      const rest = others(range)
      if (isCovered(range, rest)) return false
      return used().some((ip) => contains(range, ip) && !rest.some((each) => contains(each, ip)))
    }
    const leaving = () =>
      ranges
        .list()
        .filter(({ metadata }) => metadata.deletionTimestamp)
        .map(({ metadata }) => metadata.name ?? '')
    return {
      watches: [
        watch(resources.serviceCidrs, ({ object }) => [object.metadata.name ?? '', ...leaving()]),
        watch(resources.ipAddresses, ({ type }) => (type === 'deleted' ? leaving() : [])),
        watch(resources.services, ({ type }) => (type === 'deleted' ? leaving() : [])),
      ],
      async reconcile(name, work) {
        const range = ranges.get(name)
        if (!range) return undefined
        const { deletionTimestamp, finalizers = [] } = range.metadata
        const nowMs = clock.now()
        if (!deletionTimestamp) {
          if (!finalizers.includes(FINALIZER)) await patchFinalizer(range, [FINALIZER], work)
          await say(range, READY, nowMs, work)
          return undefined
        }
        if (!finalizers.includes(FINALIZER)) return undefined
        if (isNeeded(range)) {
          await say(range, IN_USE, nowMs, work)
          return undefined
        }
        const leftMs = parseTime(deletionTimestamp) + GRACE_MS - nowMs
        if (leftMs > 0) return requeueAfter(leftMs)
        await patchFinalizer(range, undefined, work)
        return undefined
      },
    }
  },
}

async function patchFinalizer(
  { metadata }: RangeObject,
  added: readonly string[] | undefined,
  { client }: Work,
): Promise<void> {
  const change = added
    ? { finalizers: added }
    : { '$deleteFromPrimitiveList/finalizers': [FINALIZER] }
  try {
    const ranges = client.of(resources.serviceCidrs)
    await ranges.patch(metadata.name ?? '', { metadata: change }, { type: 'strategic' })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}

async function say(
  { metadata: { name = '' }, status }: RangeObject,
  wanted: typeof READY | typeof IN_USE,
  nowMs: number,
  { client }: Work,
): Promise<void> {
  const old = findCondition(status?.conditions, 'Ready')
  if (old?.status === wanted.status && old.message === wanted.message) return
  const condition = { type: 'Ready', ...wanted, lastTransitionTime: formatTime(nowMs) }
  const applied = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name },
    status: { conditions: [condition] },
  }
  const options = {
    type: 'apply',
    subresource: 'status',
    fieldManager: MANAGER,
    force: true,
  } as const
  await client.of(resources.serviceCidrs).patch(name, applied, options)
}
