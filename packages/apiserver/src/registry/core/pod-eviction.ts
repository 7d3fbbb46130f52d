import {
  badRequest,
  type Eviction,
  formatTime,
  type KubeObject,
  labelSelectorFrom,
  type Pod,
  type PodDisruptionBudget,
  StatusError,
  tooManyRequests,
} from '@miniplane/api'
import type { SubresourceContext, SubresourceStrategy } from '../strategy.js'

const RETRY_SECONDS = 10
const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."
const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/** A deletion that asks the Pod's disruption budget first. */
export const podEviction: SubresourceStrategy<Pod> = {
  async create(sent, name, context) {
    const eviction = sent as Eviction & KubeObject
    if (eviction.metadata.name !== name) {
      throw badRequest('name in URL does not match name in Eviction object')
    }
    const options = (eviction.deleteOptions ?? {}) as Record<string, unknown>
    const isDryRun = context.dryRun || Array.isArray(options.dryRun)
    await context.guaranteedUpdate(name, (draft, stored) => {
      if (!endsAnyway(stored)) checkBudget(stored, context)
      if (!isDryRun) markEvicted(draft, formatTime(context.clock.now()))
    })
    await context.delete(name, options)
    return { status: 201, object: SUCCESS }
  },
}

/** Pods that do not run cannot be missed. */
const endsAnyway = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp !== undefined ||
  status.phase === 'Succeeded' ||
  status.phase === 'Failed' ||
  status.phase === 'Pending'

function checkBudget(pod: Pod, { lister }: SubresourceContext<Pod>): void {
  const namespace = pod.metadata.namespace
  const budgets = [
    ...lister.list('policy', 'poddisruptionbudgets', namespace),
  ] as unknown as PodDisruptionBudget[]
  const own = budgets.filter(({ spec }) => selects(spec.selector, pod))
  if (own.length > 1) {
    throw new StatusError({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      reason: 'InternalError',
      code: 500,
    })
  }
  const budget = own[0]
  if (budget) checkDisruptions(budget)
}

const selects = (selector: PodDisruptionBudget['spec']['selector'], pod: Pod) =>
  selector !== undefined && labelSelectorFrom(selector).matches(pod.metadata.labels ?? {})

function checkDisruptions({ metadata, status }: PodDisruptionBudget): void {
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    const cause = `The disruption budget ${metadata.name} is still being processed by the server.`
    throw refusal(cause, RETRY_SECONDS)
  }
  if (status.disruptionsAllowed > 0) return
  const cause = `The disruption budget ${metadata.name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`
  throw refusal(cause, 0)
}

function refusal(message: string, retryAfterSeconds: number): StatusError {
  const { status } = tooManyRequests(VIOLATES, retryAfterSeconds)
  const details = { ...status.details, causes: [{ reason: 'DisruptionBudget', message }] }
  return new StatusError({ ...status, details })
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
