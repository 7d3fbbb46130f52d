import type { Job, Pod } from '@miniplane/api'
import { podsToDelete } from '../replicaset/ranking.js'
import type { Assessment } from './assess.js'
import { hasLimitPerIndex, triesOf } from './failed-index.js'
import type { PodOrder } from './job-pod.js'
import { timing } from './limits.js'
import { endTimeMs, waitsForFailedPods } from './pod-end.js'
import { indexOf, isIndexed } from './pod-marks.js'

export interface JobPlan {
  readonly remove: readonly Pod[]
  readonly create: readonly PodOrder[]
  /** Pods are missing, but after failures not before this. */
  readonly retryInMs?: number
}

export const NOTHING: JobPlan = { remove: [], create: [] }

/** Which Pods to add or take away so that the Job goes on as fast as it may. */
export function planPods(job: Job, now: Assessment, nowMs: number): JobPlan {
  if (job.spec.suspend) return { ...NOTHING, remove: now.active }
  const { active } = now
  const duplicates = isIndexed(job) ? surplusIndexes(job, active) : []
  const wanted = wantedActive(job, now)
  const surplus = active.length - wanted
  if (surplus > duplicates.length) {
    const others = active.filter((pod) => !duplicates.includes(pod))
    const further = podsToDelete(others, others, surplus - duplicates.length, nowMs)
    return { ...NOTHING, remove: [...duplicates, ...further] }
  }
  if (duplicates.length > 0) return { ...NOTHING, remove: duplicates }
  const waitsForEnd = waitsForFailedPods(job) ? now.terminating : 0
  const missing = -surplus - waitsForEnd
  return missing > 0 ? additions(job, now, missing, nowMs) : NOTHING
}

function additions(job: Job, now: Assessment, missing: number, nowMs: number): JobPlan {
  if (hasLimitPerIndex(job)) return replacements(now, freeIndexes(job, now, missing), nowMs)
  const { failureTimesMs } = now
  const retryInMs = backoffInMs(failureTimesMs.at(-1), failureTimesMs.length, nowMs)
  if (retryInMs > 0) return { ...NOTHING, retryInMs }
  const create: PodOrder[] = isIndexed(job)
    ? freeIndexes(job, now, missing).map((index) => ({ index }))
    : Array.from({ length: missing }, () => ({}))
  return { ...NOTHING, create }
}

/** Every index has a back-off of its own; when none may begin, the first that may decides. */
function replacements(now: Assessment, indexes: readonly number[], nowMs: number): JobPlan {
  const orders = indexes.map((index) => {
    const replaced = now.heldBack.get(index)
    const waitMs = replaced ? backoffInMs(endTimeMs(replaced), triesOf(replaced) + 1, nowMs) : 0
    return { index, waitMs, ...(replaced && { replaced }) }
  })
  const waiting = orders.filter(({ waitMs }) => waitMs > 0).map(({ waitMs }) => waitMs)
  const create = orders.filter(({ waitMs }) => waitMs === 0)
  return { ...NOTHING, create, ...(waiting.length > 0 && { retryInMs: Math.min(...waiting) }) }
}

function wantedActive({ spec }: Job, { succeeded, active }: Assessment): number {
  const parallelism = spec.parallelism ?? 1
  if (spec.completions === undefined) {
    // A queue of work: after the first success nobody new begins, and who is at work goes on.
    return succeeded > 0 ? active.length : parallelism
  }
  return Math.max(Math.min(parallelism, spec.completions - succeeded), 0)
}

/** 10 s after the first failure, doubled with each one after that, until a Pod succeeds. */
function backoffInMs(lastMs: number | undefined, failures: number, nowMs: number): number {
  if (lastMs === undefined) return 0
  const exponent = Math.min(failures - 1, 20)
  const pauseMs = Math.min(timing.backoffFirstMs * 2 ** exponent, timing.backoffMaxMs)
  return Math.max(lastMs + pauseMs - nowMs, 0)
}

function freeIndexes(job: Job, now: Assessment, count: number): number[] {
  const { active, completedIndexes, failedIndexes = [] } = now
  const atWork = active.flatMap((pod) => indexOf(pod) ?? [])
  const taken = new Set([...completedIndexes, ...failedIndexes, ...atWork])
  const free: number[] = []
  for (let index = 0; index < (job.spec.completions ?? 0) && free.length < count; index++) {
    if (!taken.has(index)) free.push(index)
  }
  return free
}

/** Second Pods of an index, Pods without one, and of one that the Job does not have (any more). */
function surplusIndexes({ spec }: Job, active: readonly Pod[]): Pod[] {
  const seen = new Set<number>()
  return active.filter((pod) => {
    const index = indexOf(pod)
    if (index === undefined || index >= (spec.completions ?? 0) || seen.has(index)) return true
    seen.add(index)
    return false
  })
}
