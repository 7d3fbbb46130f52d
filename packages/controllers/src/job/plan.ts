import type { Job, Pod } from '@miniplane/api'
import { podsToDelete } from '../replicaset/ranking.js'
import type { Assessment } from './assess.js'
import { indexOf, isIndexed } from './job-pod.js'
import { timing } from './limits.js'

export interface JobPlan {
  readonly remove: readonly Pod[]
  /** A Pod for each; its completion index, if the Job has such. */
  readonly create: readonly (number | undefined)[]
  /** Pods are missing, but after failures not before this. */
  readonly retryInMs?: number
}

const NOTHING: JobPlan = { remove: [], create: [] }

/** Which Pods to add or take away so that the Job goes on as fast as it may. */
export function planPods(job: Job, now: Assessment, nowMs: number): JobPlan {
  if (job.spec.suspend) return { ...NOTHING, remove: now.active }
  const { active } = now
  const duplicates = isIndexed(job) ? duplicateIndexes(active) : []
  const wanted = wantedActive(job, now)
  const surplus = active.length - wanted
  if (duplicates.length > 0) return { ...NOTHING, remove: duplicates }
  if (surplus > 0) return { ...NOTHING, remove: podsToDelete(active, active, surplus, nowMs) }
  const waitsForEnd = job.spec.podReplacementPolicy === 'Failed' ? now.terminating : 0
  const missing = Math.max(-surplus - waitsForEnd, 0)
  if (missing === 0) return NOTHING
  const retryInMs = backoffInMs(now.failureTimesMs, nowMs)
  if (retryInMs > 0) return { ...NOTHING, retryInMs }
  if (!isIndexed(job))
    return { remove: [], create: Array.from({ length: missing }, () => undefined) }
  return { remove: [], create: freeIndexes(job, now, missing) }
}

function wantedActive({ spec }: Job, { succeeded, active }: Assessment): number {
  const parallelism = spec.parallelism ?? 1
  if (spec.completions === undefined) {
    // A queue of work: after the first success nobody new begins.
    return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism
  }
  return Math.max(Math.min(parallelism, spec.completions - succeeded), 0)
}

/** 10 s after the first failure, doubled with each one after that, until a Pod succeeds. */
function backoffInMs(failureTimesMs: readonly number[], nowMs: number): number {
  const last = failureTimesMs.at(-1)
  if (last === undefined) return 0
  const exponent = Math.min(failureTimesMs.length - 1, 20)
  const pauseMs = Math.min(timing.backoffFirstMs * 2 ** exponent, timing.backoffMaxMs)
  return Math.max(last + pauseMs - nowMs, 0)
}

function freeIndexes(job: Job, { active, completedIndexes }: Assessment, count: number): number[] {
  const taken = new Set([...completedIndexes, ...active.flatMap((pod) => indexOf(pod) ?? [])])
  const free: number[] = []
  for (let index = 0; index < (job.spec.completions ?? 0) && free.length < count; index++) {
    if (!taken.has(index)) free.push(index)
  }
  return free
}

function duplicateIndexes(active: readonly Pod[]): Pod[] {
  const seen = new Set<number>()
  return active.filter((pod) => {
    const index = indexOf(pod)
    if (index === undefined || seen.has(index)) return true
    seen.add(index)
    return false
  })
}
