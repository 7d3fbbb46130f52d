import {
  type CronJob,
  type CronJobStatus,
  type coreV1,
  findCondition,
  type Job,
  type JobCondition,
  parseTime,
} from '@miniplane/api'

export type JobEnd = 'Complete' | 'Failed'

/** How a Job has ended; undefined while it runs. */
export function endOf({ status }: Job): JobEnd | undefined {
  return (['Complete', 'Failed'] as const).find(
    (type) => findCondition<JobCondition>(status.conditions, type)?.status === 'True',
  )
}

/** Something about a child that a person should know. */
export type ChildNews =
  | { readonly is: 'completed'; readonly name: string; readonly end: JobEnd }
  | { readonly is: 'unexpected'; readonly name: string }
  | { readonly is: 'missing'; readonly name: string }

/** The list of running Jobs as it should be, and what happened to those that were on it. */
export function reviewChildren(
  { status }: CronJob,
  jobs: readonly Job[],
): { status: CronJobStatus; news: ChildNews[] } {
  const listed = status.active ?? []
  const news: ChildNews[] = []
  const byUid = new Map(jobs.map((job) => [job.metadata.uid ?? '', job]))
  let lastSuccessfulTime = status.lastSuccessfulTime
  const active: coreV1.ObjectReference[] = []
  for (const reference of listed) {
    const job = byUid.get(reference.uid ?? '')
    const end = job && endOf(job)
    if (job === undefined) news.push({ is: 'missing', name: reference.name ?? '' })
    else if (end) news.push({ is: 'completed', name: job.metadata.name ?? '', end })
    else active.push(reference)
  }
  for (const job of jobs) {
    const end = endOf(job)
    if (end === 'Complete')
      lastSuccessfulTime = later(lastSuccessfulTime, job.status.completionTime)
    const isListed = listed.some(({ uid }) => uid === job.metadata.uid)
    if (!end && !isListed) news.push({ is: 'unexpected', name: job.metadata.name ?? '' })
  }
  return {
    status: {
      ...status,
      active,
      ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
    },
    news,
  }
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return parseTime(b) > parseTime(a) ? b : a
}

/** Ended Jobs beyond the limits, oldest first. */
export function expiredChildren<T extends Job>({ spec }: CronJob, jobs: readonly T[]): T[] {
  const beyond = (end: JobEnd, limit: number) => {
    const ended = jobs.filter((job) => endOf(job) === end).sort(byStart)
    return ended.slice(0, Math.max(ended.length - limit, 0))
  }
  return [
    ...beyond('Complete', spec.successfulJobsHistoryLimit ?? 3),
    ...beyond('Failed', spec.failedJobsHistoryLimit ?? 1),
  ]
}

const startMs = ({ status, metadata }: Job): number => {
  const time = status.startTime ?? metadata.creationTimestamp
  return time ? parseTime(time) : 0
}

const byStart = (a: Job, b: Job): number =>
  startMs(a) - startMs(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)
