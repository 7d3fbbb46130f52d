import { findCondition, type Job, type JobCondition, parseTime } from '@miniplane/api'
import type { Assessment } from './assess.js'
import { judgeSuccess } from './success-policy.js'

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

const failed = (reason: string, message: string): Finish => ({ type: 'Failed', reason, message })

/** Whether the Job has reached its end. What was decided once stays decided. */
export function finishOf(job: Job, now: Assessment, nowMs: number): Finish | undefined {
  return (
    decidedFinish(job) ?? failure(job, now, nowMs) ?? failedIndexes(job, now) ?? success(job, now)
  )
}

function decidedFinish({ status }: Job): Finish | undefined {
  for (const type of ['Complete', 'Failed'] as const) {
    const interim = findCondition<JobCondition>(status.conditions, INTERIM[type])
    if (interim?.status === 'True') {
      return { type, reason: interim.reason ?? '', message: interim.message ?? '' }
    }
  }
  return undefined
}

function failure(job: Job, now: Assessment, nowMs: number): Finish | undefined {
  if (now.policyFailure !== undefined) return failed('PodFailurePolicy', now.policyFailure)
  if (exceedsBackoffLimit(job, now)) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  const leftMs = deadlineInMs(job, nowMs)
  if (leftMs === undefined || leftMs > 0) return undefined
  return failed('DeadlineExceeded', 'Job was active longer than specified deadline')
}

function failedIndexes({ spec }: Job, now: Assessment): Finish | undefined {
  const count = now.failedIndexes?.size ?? 0
  if (count === 0) return undefined
  if (spec.maxFailedIndexes !== undefined && count > spec.maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes'
    return failed('MaxFailedIndexesExceeded', message)
  }
  const isThrough = count + now.completedIndexes.size >= (spec.completions ?? 0)
  return isThrough ? failed('FailedIndexes', 'Job has failed indexes') : undefined
}

function success(job: Job, now: Assessment): Finish | undefined {
  const policy = judgeSuccess(job, now.completedIndexes)
  if (policy !== undefined) return { type: 'Complete', reason: 'SuccessPolicy', message: policy }
  if (!isDone(job, now)) return undefined
  const message = 'Reached expected number of succeeded pods'
  return { type: 'Complete', reason: 'CompletionsReached', message }
}

/** Failed Pods count, and so do restarts of containers that are restarted in place. */
function exceedsBackoffLimit({ spec }: Job, now: Assessment): boolean {
  const limit = spec.backoffLimit ?? 6
  if (now.failed > limit) return true
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of now.active) {
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
  return parseTime(status.startTime) + Number(spec.activeDeadlineSeconds) * 1000 - nowMs
}

/** Without a number of completions one success is a sign that the work is done. */
function isDone({ spec }: Job, { succeeded, active }: Assessment): boolean {
  if (spec.completions === undefined) return succeeded > 0 && active.length === 0
  return succeeded >= spec.completions
}
