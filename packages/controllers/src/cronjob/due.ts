import { type CronJob, parseTime } from '@miniplane/api'
import type { Schedule } from './schedule.js'

/** Start times that were missed; so many that something must be wrong. */
const MISSED_MAX = 100

export interface Due {
  /** The latest start time that has come and has no Job yet. */
  readonly scheduledMs: number | undefined
  /** More were missed than can be explained by a pause. */
  readonly tooManyMissed: boolean
}

/** What a CronJob should have started by now. */
export function dueNow(cronJob: CronJob, schedule: Schedule, nowMs: number): Due {
  const { metadata, spec, status } = cronJob
  const lastMs = msOf(status.lastScheduleTime) ?? msOf(metadata.creationTimestamp) ?? nowMs
  const earliestMs =
    spec.startingDeadlineSeconds === undefined
      ? lastMs
      : Math.max(lastMs, nowMs - Number(spec.startingDeadlineSeconds) * 1000)
  let scheduledMs: number | undefined
  let missed = 0
  for (
    let ms = schedule.next(earliestMs);
    ms !== undefined && ms <= nowMs;
    ms = schedule.next(ms)
  ) {
    scheduledMs = ms
    missed++
    // After a long sleep: only the latest counts, so look for it from close by.
    if (missed > MISSED_MAX) {
      scheduledMs = latestBefore(schedule, ms, nowMs)
      break
    }
  }
  const tooManyMissed = missed > MISSED_MAX && spec.startingDeadlineSeconds === undefined
  return { scheduledMs, tooManyMissed }
}

function latestBefore(schedule: Schedule, fromMs: number, nowMs: number): number {
  let latest = fromMs
  // Halve the way until few start times are left to walk through.
  for (let step = nowMs - fromMs; step > 60_000; step /= 2) {
    const next = schedule.next(latest + step / 2)
    if (next !== undefined && next <= nowMs) latest = next
  }
  for (let ms = schedule.next(latest); ms !== undefined && ms <= nowMs; ms = schedule.next(ms)) {
    latest = ms
  }
  return latest
}

/** Whether it is too late to start what was due then. */
export const isTooLate = ({ spec }: CronJob, scheduledMs: number, nowMs: number): boolean =>
  spec.startingDeadlineSeconds !== undefined &&
  scheduledMs + Number(spec.startingDeadlineSeconds) * 1000 < nowMs

const msOf = (time: string | null | undefined): number | undefined =>
  time ? parseTime(time) : undefined
