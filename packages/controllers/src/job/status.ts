import { formatTime, type Job, type JobCondition, type JobStatus } from '@miniplane/api'
import { type Assessment, type Finish, INTERIM } from './assess.js'
import { formatIndexSet } from './index-set.js'
import { isIndexed } from './job-pod.js'

/**
 * The status that follows. `counted`: the ended Pods are noted and let go, so they move from the
 * list to the sums; otherwise they are listed only.
 */
export function statusOf(
  job: Job,
  now: Assessment,
  finish: Finish | undefined,
  counted: boolean,
  nowMs: number,
): JobStatus {
  const { status } = job
  const over = counted && finish !== undefined && now.active.length + now.terminating === 0
  const succeeded = isIndexed(job)
    ? now.succeeded
    : (status.succeeded ?? 0) + (counted ? now.uncounted.succeeded.size : 0)
  const failed = (status.failed ?? 0) + (counted ? now.uncounted.failed.size : 0)
  const started = startTime(job, nowMs)
  return {
    conditions: conditionsOf(job, finish, over, nowMs),
    ...(started === undefined ? {} : { startTime: started }),
    ...(over && finish?.type === 'Complete' ? { completionTime: formatTime(nowMs) } : {}),
    active: now.active.length,
    succeeded,
    failed,
    ...(isIndexed(job) ? { completedIndexes: formatIndexSet(now.completedIndexes) } : {}),
    uncountedTerminatedPods: counted
      ? {}
      : { succeeded: [...now.uncounted.succeeded], failed: [...now.uncounted.failed] },
    ready: now.ready,
    terminating: now.terminating,
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
  over: boolean,
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
    if (over) set(finish.type, 'True', finish.reason, finish.message)
  } else if (spec.suspend) set('Suspended', 'True', 'JobSuspended', 'Job suspended')
  else if (conditions.some(({ type }) => type === 'Suspended')) {
    set('Suspended', 'False', 'JobResumed', 'Job resumed')
  }
  return [...conditions]
}
