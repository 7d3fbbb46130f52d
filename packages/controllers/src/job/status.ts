import { formatTime, type Job, type JobCondition, type JobStatus } from '@miniplane/api'
import type { Assessment } from './assess.js'
import { type Finish, INTERIM } from './finish.js'
import { formatIndexSet } from './index-set.js'
import { isIndexed } from './pod-marks.js'

/** Pods that are not at their end, with what was done about them since they were looked at. */
export interface Standing {
  readonly active: number
  readonly ready: number
  readonly terminating: number
}

/**
 * The status that follows. `counted`: the ended Pods are noted and let go, so they move from the
 * list to the sums; otherwise they are listed only.
 */
export function statusOf(
  job: Job,
  now: Assessment,
  standing: Standing,
  finish: Finish | undefined,
  counted: boolean,
  nowMs: number,
): JobStatus {
  const { status } = job
  const isOver = counted && finish !== undefined && standing.terminating === 0 && !now.hasMore
  const { succeeded, failed } = now.uncounted
  const started = startTime(job, nowMs)
  return {
    conditions: conditionsOf(job, finish, isOver, nowMs),
    ...(started === undefined ? {} : { startTime: started }),
    ...(isOver && finish.type === 'Complete' ? { completionTime: formatTime(nowMs) } : {}),
    active: standing.active,
    succeeded: isIndexed(job)
      ? now.completedIndexes.size
      : (status.succeeded ?? 0) + (counted ? succeeded.size : 0),
    failed: (status.failed ?? 0) + (counted ? failed.size : 0),
    ...(isIndexed(job) ? { completedIndexes: formatIndexSet(now.completedIndexes) } : {}),
    ...(now.failedIndexes ? { failedIndexes: formatIndexSet(now.failedIndexes) } : {}),
    uncountedTerminatedPods: counted
      ? {}
      : {
          ...(succeeded.size > 0 && { succeeded: [...succeeded] }),
          ...(failed.size > 0 && { failed: [...failed] }),
        },
    ready: standing.ready,
    terminating: standing.terminating,
  }
}

/** A suspended Job's time begins when it is resumed. */
function startTime({ spec, status }: Job, nowMs: number): string | undefined {
  if (spec.suspend) return undefined
  return status.startTime ?? formatTime(nowMs)
}

function conditionsOf(
  { spec, status }: Job,
  finish: Finish | undefined,
  isOver: boolean,
  nowMs: number,
): JobCondition[] {
  let conditions = status.conditions ?? []
  const now = formatTime(nowMs)
  const set = (type: string, value: 'True' | 'False', reason: string, message: string) => {
    const old = conditions.find((each) => each.type === type)
    if (old?.status === value && old.reason === reason) return
    const condition = {
      type,
      status: value,
      lastProbeTime: now,
      lastTransitionTime: now,
      reason,
      message,
    }
    conditions = old
      ? conditions.map((each) => (each === old ? condition : each))
      : [...conditions, condition]
  }
  if (finish) {
    set(INTERIM[finish.type], 'True', finish.reason, finish.message)
    if (isOver) set(finish.type, 'True', finish.reason, finish.message)
  } else if (spec.suspend) set('Suspended', 'True', 'JobSuspended', 'Job suspended')
  else if (conditions.some(({ type }) => type === 'Suspended')) {
    set('Suspended', 'False', 'JobResumed', 'Job resumed')
  }
  return [...conditions]
}
