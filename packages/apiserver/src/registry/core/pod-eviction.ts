import {
  badRequest,
  conflict,
  deepCopy,
  type Eviction,
  formatTime,
  isPodReady,
  isStatusError,
  type KubeObject,
  labelSelectorFrom,
  notFound,
  type Pod,
  type PodDisruptionBudget,
} from '@miniplane/api'
import { plainServerError } from '../../plain-server-error.js'
import type { DeleteOptions } from '../generic/delete-options.js'
import { stillProcessed, takeDisruption } from '../policy/disruptions.js'
import type { SubresourceContext, SubresourceStrategy } from '../strategy.js'

type Context = SubresourceContext<Pod>

const PODS = { group: '', resource: 'pods' }
const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
/** Somebody else may be changing the Pod; after so many times it is their turn. */
const ATTEMPTS_MAX = 20

/** A deletion that asks the Pod's disruption budget first. Source: KEP-85, KEP-3017. */
export const podEviction: SubresourceStrategy<Pod> = {
  async create(sent, name, context) {
    const eviction = sent as Eviction & KubeObject
    if (eviction.metadata.name !== name) {
      throw badRequest('name in URL does not match name in Eviction object')
    }
    const options = (eviction.deleteOptions ?? {}) as DeleteOptions
    const pod = await evictIdle(name, options, context)
    if (pod) await evictGuarded(pod, options, context)
    return SUCCESS
  },
}

/** Evicts a Pod that nobody would miss; returns one that its budget has to be asked about. */
async function evictIdle(
  name: string,
  options: DeleteOptions,
  context: Context,
): Promise<Pod | undefined> {
  for (let attempt = 1; ; attempt++) {
    const pod = context.lister.get('', 'pods', context.namespace, name) as Pod | undefined
    if (!pod) throw notFound(PODS, name)
    if (!isIdle(pod)) return pod
    try {
      // A pending Pod may become ready in this moment, and counts from then on.
      await markAndDelete(pod, hasEnded(pod) ? options : atVersionOf(pod, options), context)
      return undefined
    } catch (error) {
      const insists = options.preconditions?.resourceVersion !== undefined
      if (!isStatusError(error, 'Conflict') || insists || attempt >= ATTEMPTS_MAX) throw error
    }
  }
}

async function evictGuarded(pod: Pod, options: DeleteOptions, context: Context): Promise<void> {
  const budget = budgetOf(pod, context)
  const isCounted = !budget || isPodReady(pod) || !mayGoUnhealthy(budget)
  if (budget && isCounted) await takeFrom(budget, pod, options, context)
  try {
    await markAndDelete(pod, isCounted ? options : atVersionOf(pod, options), context)
  } catch (error) {
    const insists = options.preconditions?.resourceVersion !== undefined
    if (isCounted || insists || !isStatusError(error, 'Conflict')) throw error
    throw stillProcessed(budget?.metadata.name ?? '')
  }
}

const hasEnded = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp !== undefined ||
  status.phase === 'Succeeded' ||
  status.phase === 'Failed'

const isIdle = (pod: Pod) => hasEnded(pod) || pod.status.phase === 'Pending'

/** A Pod that is not ready does not count; it may go unless it is needed to get healthy again. */
const mayGoUnhealthy = ({ spec, status }: PodDisruptionBudget) =>
  spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
  (status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0)

function budgetOf(pod: Pod, { lister, namespace }: Context): PodDisruptionBudget | undefined {
  const budgets = [
    ...lister.list('policy', 'poddisruptionbudgets', namespace),
  ] as unknown as PodDisruptionBudget[]
  const own = budgets.filter(({ spec }) => selects(spec.selector, pod))
  if (own.length <= 1) return own[0]
  throw plainServerError(
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  )
}

const selects = (selector: PodDisruptionBudget['spec']['selector'], pod: Pod) =>
  selector !== undefined && labelSelectorFrom(selector).matches(pod.metadata.labels ?? {})

async function takeFrom(
  budget: PodDisruptionBudget,
  pod: Pod,
  options: DeleteOptions,
  { clock, writeStatus }: Context,
): Promise<void> {
  const take = (draft: KubeObject) =>
    takeDisruption(draft as unknown as PodDisruptionBudget, pod.metadata.name ?? '', clock.now())
  if (isDryRun(options)) take(deepCopy(budget) as unknown as KubeObject)
  else await writeStatus('policy', 'poddisruptionbudgets', budget.metadata.name ?? '', take)
}

const isDryRun = ({ dryRun }: DeleteOptions) => (dryRun?.length ?? 0) > 0

const atVersionOf = ({ metadata }: Pod, options: DeleteOptions): DeleteOptions => ({
  ...options,
  preconditions: { resourceVersion: metadata.resourceVersion ?? '', ...options.preconditions },
})

/** Says on the Pod why it goes, and deletes it. Throws 409 when a precondition does not hold. */
async function markAndDelete(pod: Pod, options: DeleteOptions, context: Context): Promise<void> {
  const name = pod.metadata.name ?? ''
  if (isDryRun(options)) {
    await context.delete(name, options)
    return
  }
  const marked = await context.guaranteedUpdate(name, (draft, stored) => {
    checkPreconditions(stored, options)
    markEvicted(draft, formatTime(context.clock.now()))
  })
  if (options.preconditions?.resourceVersion === undefined) await context.delete(name, options)
  else await context.delete(name, atVersionOf(marked, withoutVersion(options)))
}

const withoutVersion = (options: DeleteOptions): DeleteOptions => {
  const { resourceVersion: _, ...preconditions } = options.preconditions ?? {}
  return { ...options, preconditions }
}

function checkPreconditions({ metadata }: Pod, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {}
  const name = metadata.name ?? ''
  if (uid !== undefined && uid !== metadata.uid) {
    const detail = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(PODS, name, detail)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const detail = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    throw conflict(PODS, name, detail)
  }
}

function markEvicted({ status }: Pod, now: string): void {
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget')
  status.conditions = [
    ...others,
    {
      type: 'DisruptionTarget',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: now,
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    },
  ]
}
