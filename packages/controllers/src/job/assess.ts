import { isPodReady, type Job, type Pod } from '@miniplane/api'
import { failsIndex, hasLimitPerIndex, lastFailures } from './failed-index.js'
import { judgeFailure } from './failure-policy.js'
import { parseIndexSet } from './index-set.js'
import { limits } from './limits.js'
import { endOf, failuresSinceSuccess } from './pod-end.js'
import { hasValidIndex, indexOf, isIndexed, isTracked } from './pod-marks.js'

/** How a Job's Pods stand. */
export interface Assessment {
  readonly active: readonly Pod[]
  /** Deleted, but not ended yet. */
  readonly terminating: number
  readonly ready: number
  /**
   * Ended and not counted in the status yet, by uid: those noted there, and new ones. Successes of
   * a Job with indexes are told by their index.
   */
  readonly uncounted: {
    readonly succeeded: ReadonlySet<string>
    readonly failed: ReadonlySet<string>
  }
  /** Pods whose finalizer can go as soon as they are noted. */
  readonly toRelease: readonly Pod[]
  /** There are more of them than one status can note. */
  readonly hasMore: boolean
  /** In all, with the uncounted. */
  readonly succeeded: number
  readonly failed: number
  readonly completedIndexes: ReadonlySet<number>
  /** Undefined for Jobs that do not count failures by index. */
  readonly failedIndexes: ReadonlySet<number> | undefined
  /** Failed Pods that stay until their index has a replacement. */
  readonly heldBack: ReadonlyMap<number, Pod>
  /** A failed Pod that by the failure policy ends the Job. */
  readonly policyFailure: string | undefined
  /** When the last Pods failed since one succeeded, newest last; for the back-off. */
  readonly failureTimesMs: readonly number[]
}

/** `released`: Pods that are counted already, though the cache still shows their finalizer. */
export function assess(job: Job, pods: readonly Pod[], released: ReadonlySet<string>): Assessment {
  const uncountedPods = pods.filter((pod) => isUncounted(pod, released))
  const { active, terminating } = standing(pods)
  const indexes = indexesOf(job, uncountedPods, active)
  const held = new Set(indexes.heldBack.values())
  const ended = uncountedPods.filter((pod) => endOf(pod, job) !== undefined && !held.has(pod))
  const count = countEnded(job, ended, (pod) => endOf(pod, job) === 'succeeded')
  const failedWithHeld = [...held].filter((pod) => judgeFailure(job, pod).action !== 'Ignore')
  return {
    active,
    terminating,
    ready: active.filter(isPodReady).length,
    ...count,
    succeeded: isIndexed(job)
      ? indexes.completedIndexes.size
      : (job.status.succeeded ?? 0) + count.uncounted.succeeded.size,
    failed: (job.status.failed ?? 0) + count.uncounted.failed.size + failedWithHeld.length,
    ...indexes,
    policyFailure: policyFailure(job, pods),
    failureTimesMs: failuresSinceSuccess(job, pods),
  }
}

/**
 * The same for a Job that ends: nothing holds any Pod. If it failed, so did all that did not come
 * to an end of their own.
 */
export function conclude(
  job: Job,
  now: Assessment,
  type: 'Complete' | 'Failed',
  pods: readonly Pod[],
  released: ReadonlySet<string>,
): Assessment {
  const toCount = pods.filter((pod) => {
    if (!isUncounted(pod, released)) return false
    return type === 'Failed' || endOf(pod, job) !== undefined
  })
  const count = countEnded(job, toCount, ({ status }) => status.phase === 'Succeeded')
  const others = pods.filter((pod) => isUncounted(pod, released) && !toCount.includes(pod))
  return { ...now, ...count, toRelease: [...count.toRelease, ...others], heldBack: new Map() }
}

const isUncounted = (pod: Pod, released: ReadonlySet<string>): boolean =>
  isTracked(pod) && !released.has(pod.metadata.uid ?? '')

function standing(pods: readonly Pod[]): { active: Pod[]; terminating: number } {
  const open = pods.filter(({ status: { phase } }) => phase !== 'Succeeded' && phase !== 'Failed')
  const active = open.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  return { active, terminating: open.length - active.length }
}

/** As many as one status can note, after those that it notes already. */
function countEnded(job: Job, ended: readonly Pod[], hasSucceeded: (pod: Pod) => boolean) {
  const noted = job.status.uncountedTerminatedPods
  const succeeded = new Set(noted?.succeeded ?? [])
  const failed = new Set(noted?.failed ?? [])
  const toRelease = ended.slice(0, limits.uncountedMax)
  for (const pod of toRelease) {
    const { uid = '' } = pod.metadata
    if (hasSucceeded(pod) && !failed.has(uid)) {
      if (!isIndexed(job)) succeeded.add(uid)
    } else if (hasValidIndex(job, pod) && judgeFailure(job, pod).action !== 'Ignore') {
      failed.add(uid)
    }
  }
  const hasMore = toRelease.length < ended.length
  return { uncounted: { succeeded, failed }, toRelease, hasMore }
}

function indexesOf(job: Job, uncounted: readonly Pod[], active: readonly Pod[]) {
  const completedIndexes = new Set<number>()
  const none = { completedIndexes, failedIndexes: undefined, heldBack: new Map<number, Pod>() }
  if (!isIndexed(job)) return none
  const { completions = 0 } = job.spec
  for (const index of parseIndexSet(job.status.completedIndexes)) {
    if (index < completions) completedIndexes.add(index)
  }
  const valid = uncounted.filter((pod) => hasValidIndex(job, pod))
  for (const pod of valid) {
    if (endOf(pod, job) === 'succeeded') completedIndexes.add(indexOf(pod) ?? 0)
  }
  if (!hasLimitPerIndex(job)) return none
  const failedIndexes = parseIndexSet(job.status.failedIndexes)
  for (const pod of valid) if (failsIndex(job, pod)) failedIndexes.add(indexOf(pod) ?? 0)
  const atWork = new Set(active.map(indexOf))
  const isOver = (index: number) =>
    atWork.has(index) || completedIndexes.has(index) || failedIndexes.has(index)
  return { completedIndexes, failedIndexes, heldBack: lastFailures(job, valid, isOver) }
}

function policyFailure(job: Job, pods: readonly Pod[]): string | undefined {
  if (!job.spec.podFailurePolicy) return undefined
  for (const pod of pods) {
    if (endOf(pod, job) !== 'failed') continue
    const verdict = judgeFailure(job, pod)
    if (verdict.action === 'FailJob') return verdict.message
  }
  return undefined
}
