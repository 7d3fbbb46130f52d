import {
  findCondition,
  isPodReady,
  type Job,
  type JobCondition,
  type Pod,
  parseTime,
} from '@miniplane/api'
import { judgeFailure } from './failure-policy.js'
import { parseIndexSet } from './index-set.js'
import { indexOf, isIndexed, isTracked } from './job-pod.js'

/** How a Job's Pods stand. */
export interface Assessment {
  readonly active: readonly Pod[]
  /** Deleted, but not ended yet. */
  readonly terminating: number
  readonly ready: number
  /** Ended and not counted in the status yet, by uid: those noted there, and new ones. */
  readonly uncounted: {
    readonly succeeded: ReadonlySet<string>
    readonly failed: ReadonlySet<string>
  }
  /** Ended Pods whose finalizer can go as soon as they are noted. */
  readonly toRelease: readonly Pod[]
  /** In all, with the uncounted. */
  readonly succeeded: number
  readonly failed: number
  readonly completedIndexes: ReadonlySet<number>
  /** A failed Pod that by the failure policy ends the Job. */
  readonly policyFailure: string | undefined
  /** When the last Pods failed since one succeeded, newest last; for the back-off. */
  readonly failureTimesMs: readonly number[]
}

/** `released`: Pods that are counted already, though the cache still shows their finalizer. */
export function assess(job: Job, pods: readonly Pod[], released: ReadonlySet<string>): Assessment {
  const { status } = job
  const succeeded = new Set(status.uncountedTerminatedPods?.succeeded ?? [])
  const failed = new Set(status.uncountedTerminatedPods?.failed ?? [])
  const completedIndexes = parseIndexSet(status.completedIndexes)
  const active: Pod[] = []
  const toRelease: Pod[] = []
  let terminating = 0
  let ready = 0
  let policyFailure: string | undefined
  for (const pod of pods) {
    const uid = pod.metadata.uid ?? ''
    const end = endOf(pod)
    if (end === undefined) {
      if (pod.metadata.deletionTimestamp !== undefined) terminating++
      else {
        active.push(pod)
        if (isPodReady(pod)) ready++
      }
      continue
    }
    if (!isTracked(pod) || released.has(uid)) continue
    toRelease.push(pod)
    if (end === 'succeeded') {
      succeeded.add(uid)
      const index = indexOf(pod)
      if (index !== undefined && index < (job.spec.completions ?? 0)) completedIndexes.add(index)
      continue
    }
    const verdict = judgeFailure(job, pod)
    if (verdict.action === 'FailJob') policyFailure ??= verdict.message
    if (verdict.action !== 'Ignore') failed.add(uid)
  }
  return {
    active,
    terminating,
    ready,
    uncounted: { succeeded, failed },
    toRelease,
    succeeded: isIndexed(job) ? completedIndexes.size : (status.succeeded ?? 0) + succeeded.size,
    failed: (status.failed ?? 0) + failed.size,
    completedIndexes,
    policyFailure,
    failureTimesMs: failuresSinceSuccess(pods),
  }
}

/** How a Pod ended; one that is deleted and that nobody will report on has failed. */
function endOf({ status, metadata }: Pod): 'succeeded' | 'failed' | undefined {
  if (status.phase === 'Succeeded') return 'succeeded'
  if (status.phase === 'Failed') return 'failed'
  const isLost =
    metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0
  return isLost ? 'failed' : undefined
}

function failuresSinceSuccess(pods: readonly Pod[]): number[] {
  let lastSuccessMs = 0
  const failures: number[] = []
  for (const pod of pods) {
    const end = endOf(pod)
    if (end === 'succeeded') lastSuccessMs = Math.max(lastSuccessMs, endTimeMs(pod))
    else if (end === 'failed') failures.push(endTimeMs(pod))
  }
  return failures.filter((timeMs) => timeMs > lastSuccessMs).sort((a, b) => a - b)
}

function endTimeMs({ status, metadata }: Pod): number {
  let latest = 0
  for (const { state } of status.containerStatuses ?? []) {
    const at = state.terminated?.finishedAt
    if (at) latest = Math.max(latest, parseTime(at))
  }
  const fallback = metadata.deletionTimestamp ?? metadata.creationTimestamp
  return latest > 0 || !fallback ? latest : parseTime(fallback)
}

/** Why a Job ends, before its last Pods have. */
export interface Finish {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

export const INTERIM = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const

export const isFinished = ({ status }: Job): boolean =>
  (['Complete', 'Failed'] as const).some(
    (type) => findCondition<JobCondition>(status.conditions, type)?.status === 'True',
  )

/** Whether the Job has reached its end. What was decided once stays decided. */
export function finishOf(job: Job, now: Assessment, nowMs: number): Finish | undefined {
  const decided = decidedFinish(job)
  if (decided) return decided
  if (now.policyFailure !== undefined) {
    return { type: 'Failed', reason: 'PodFailurePolicy', message: now.policyFailure }
  }
  if (exceedsBackoffLimit(job, now)) {
    return {
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    }
  }
  const leftMs = deadlineInMs(job, nowMs)
  if (leftMs !== undefined && leftMs <= 0) {
    return {
      type: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    }
  }
  if (!isDone(job, now)) return undefined
  return {
    type: 'Complete',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  }
}

function decidedFinish({ status }: Job): Finish | undefined {
  for (const type of ['Failed', 'Complete'] as const) {
    const interim = findCondition<JobCondition>(status.conditions, INTERIM[type])
    if (interim?.status === 'True') {
      return { type, reason: interim.reason ?? '', message: interim.message ?? '' }
    }
  }
  return undefined
}

/** Failed Pods count, and so do restarts of containers that are restarted in place. */
function exceedsBackoffLimit({ spec }: Job, { failed, active }: Assessment): boolean {
  const limit = spec.backoffLimit ?? 6
  if (failed > limit) return true
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of active) {
    for (const each of [
      ...(status.containerStatuses ?? []),
      ...(status.initContainerStatuses ?? []),
    ])
      restarts += each.restartCount
  }
  return limit === 0 ? restarts > 0 : restarts >= limit
}

/** How long the Job may still run; undefined: as long as it takes. */
export function deadlineInMs({ spec, status }: Job, nowMs: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || !status.startTime || spec.suspend)
    return undefined
  return parseTime(status.startTime) + spec.activeDeadlineSeconds * 1000 - nowMs
}

/** Without a number of completions one success is a sign that the work is done. */
function isDone({ spec }: Job, { succeeded, active }: Assessment): boolean {
  if (spec.completions === undefined) return succeeded > 0 && active.length === 0
  return succeeded >= spec.completions
}
