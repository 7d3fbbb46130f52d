import {
  type CronJob,
  type CronJobStatus,
  controllerOf,
  formatTime,
  isStatusError,
  type Job,
  type KubeObject,
  ownerReferenceFor,
  semanticEqual,
} from '@miniplane/api'
import { type EventDetails, keyOf, objectReference, resources } from '@miniplane/client'
import {
  type Controller,
  type Outcome,
  requeueAfter,
  type Work,
  watch,
} from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { ownerKeyOf } from '../ownership/claim.js'
import { controlledBy, indexByController } from '../ownership/indexes.js'
import { type ChildNews, expiredChildren, reviewChildren } from './children.js'
import { dueNow, isTooLate } from './due.js'
import { parseSchedule, type Schedule, ScheduleError } from './schedule.js'
import { isTimeZone, localTime, mailTime } from './zoned-time.js'

type CronJobObject = CronJob & KubeObject
type JobObject = Job & KubeObject

/** Starts Jobs when their time has come. */
export const cronJobController: Controller = {
  name: 'cronjob-controller',

  start({ informer, clock }) {
    const cronJobs = informer(resources.cronJobs).cache
    const jobs = informer(resources.jobs).cache
    indexByController(jobs)
    return {
      watches: [
        watch(resources.cronJobs, ({ object }) => [keyOf(object)]),
        watch(resources.jobs, ({ object }) => {
          const owner = ownerKeyOf(object, resources.cronJobs)
          return owner === undefined ? [] : [owner]
        }),
      ],
      async reconcile(key, work) {
        const cronJob = cronJobs.get(key)
        if (cronJob === undefined || cronJob.metadata.deletionTimestamp) return undefined
        const children = controlledBy(jobs, cronJob.metadata.uid ?? '')
        const { status, news } = reviewChildren(cronJob, children)
        for (const each of news) reportNews(cronJob, each, work)
        for (const job of expiredChildren(cronJob, children)) await remove(cronJob, job, work)
        const run = new Run(cronJob, status, children, clock.now(), work)
        return run.start()
      },
    }
  },
}

/** One look at one CronJob. */
class Run {
  #status: CronJobStatus
  readonly #cronJob: CronJobObject
  readonly #children: readonly JobObject[]
  readonly #nowMs: number
  readonly #work: Work

  constructor(
    cronJob: CronJobObject,
    status: CronJobStatus,
    children: readonly JobObject[],
    nowMs: number,
    work: Work,
  ) {
    this.#cronJob = cronJob
    this.#status = status
    this.#children = children
    this.#nowMs = nowMs
    this.#work = work
  }

  async start(): Promise<Outcome | undefined> {
    const schedule = this.#cronJob.spec.suspend ? undefined : this.#schedule()
    if (schedule) await this.#startDue(schedule)
    await this.#writeStatus()
    const nextMs = schedule?.next(this.#nowMs)
    return nextMs === undefined ? undefined : requeueAfter(nextMs - this.#nowMs)
  }

  /** Undefined, and reported, when there is no telling when to start. */
  #schedule(): Schedule | undefined {
    const { schedule, timeZone = 'UTC' } = this.#cronJob.spec
    if (!isTimeZone(timeZone)) {
      const text = `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}`
      this.#event('Warning', 'UnknownTimeZone', text)
      return undefined
    }
    try {
      return parseSchedule(schedule, timeZone)
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error
      const text = `unparseable schedule: "${schedule}" : ${error.message}`
      this.#event('Warning', 'UnparseableSchedule', text)
      return undefined
    }
  }

  async #startDue(schedule: Schedule): Promise<void> {
    if (schedule.next(this.#nowMs) === undefined) {
      // Such as the 30th of February: Go's library tells a time long ago, twice.
      const why = 'time difference between two schedules is less than 1 second'
      const text = `invalid schedule: ${this.#cronJob.spec.schedule} : ${why}`
      this.#event('Warning', 'InvalidSchedule', text)
      return
    }
    const { scheduledMs, tooManyMissed } = dueNow(this.#cronJob, schedule, this.#nowMs)
    if (tooManyMissed) {
      const text =
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
      this.#event('Warning', 'TooManyMissedTimes', text)
    }
    if (scheduledMs === undefined) return
    if (isTooLate(this.#cronJob, scheduledMs, this.#nowMs)) {
      const text = `Missed scheduled time to start a job: ${mailTime(scheduledMs)}`
      this.#event('Warning', 'MissSchedule', text)
      return
    }
    const active = this.#status.active ?? []
    const name = this.#nameFor(scheduledMs)
    if (active.some((each) => each.name === name)) return
    const policy = this.#cronJob.spec.concurrencyPolicy
    if (policy === 'Forbid' && active.length > 0) {
      const text =
        'Not starting job because prior execution is running and concurrency policy is Forbid'
      this.#event('Normal', 'JobAlreadyActive', text)
      return
    }
    if (policy === 'Replace') await this.#removeActive()
    await this.#create(name, scheduledMs)
  }

  /** The same time always gives the same name, so a Job is never started twice. */
  #nameFor(scheduledMs: number): string {
    return `${this.#cronJob.metadata.name}-${Math.floor(scheduledMs / 60_000)}`
  }

  async #removeActive(): Promise<void> {
    const uids = new Set((this.#status.active ?? []).map(({ uid }) => uid))
    for (const job of this.#children) {
      if (uids.has(job.metadata.uid ?? '')) await remove(this.#cronJob, job, this.#work)
    }
    this.#status = { ...this.#status, active: [] }
  }

  async #create(name: string, scheduledMs: number): Promise<void> {
    const jobs = this.#work.client.of(resources.jobs)
    const { namespace = '' } = this.#cronJob.metadata
    try {
      const job = await jobs.create(this.#draft(name, scheduledMs))
      this.#event('Normal', 'SuccessfulCreate', `Created job ${name}`)
      this.#noteStarted(job, scheduledMs)
    } catch (error) {
      if (isNamespaceTerminating(error)) return
      if (!isStatusError(error, 'AlreadyExists')) {
        const detail = error instanceof Error ? error.message : String(error)
        this.#event('Warning', 'FailedCreate', `Error creating job: ${detail}`)
        throw error
      }
      const existing = await jobs.get(name, { namespace })
      if (controllerOf(existing)?.uid !== this.#cronJob.metadata.uid) throw error
      this.#noteStarted(existing, scheduledMs)
    }
  }

  #draft(name: string, scheduledMs: number): JobObject {
    const { jobTemplate, timeZone = 'UTC' } = this.#cronJob.spec
    const { labels = {}, annotations = {} } = jobTemplate.metadata ?? {}
    return {
      metadata: {
        name,
        namespace: this.#cronJob.metadata.namespace ?? '',
        labels,
        annotations: {
          ...annotations,
          'batch.kubernetes.io/cronjob-scheduled-timestamp': localTime(scheduledMs, timeZone),
        },
        ownerReferences: [ownerReferenceFor(this.#cronJob, resources.cronJobs)],
      },
      spec: jobTemplate.spec,
      status: {},
    }
  }

  #noteStarted(job: JobObject, scheduledMs: number): void {
    const reference = objectReference({ ...job, kind: 'Job', apiVersion: 'batch/v1' })
    this.#status = {
      ...this.#status,
      active: [...(this.#status.active ?? []), reference],
      lastScheduleTime: formatTime(scheduledMs),
    }
  }

  async #writeStatus(): Promise<void> {
    const cronJob = this.#cronJob
    if (semanticEqual(cronJob.status, this.#status)) return
    const status = this.#status
    await this.#work.client.of(resources.cronJobs).updateStatus({ ...cronJob, status })
  }

  #event(type: EventDetails['type'], reason: string, message: string): void {
    report(this.#cronJob, this.#work, type, reason, message)
  }
}

async function remove(cronJob: CronJobObject, job: JobObject, work: Work): Promise<void> {
  const { name = '', namespace = '', uid = '' } = job.metadata
  const options = { namespace, propagationPolicy: 'Background', preconditions: { uid } } as const
  try {
    await work.client.of(resources.jobs).delete(name, options)
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return
    const detail = error instanceof Error ? error.message : String(error)
    report(cronJob, work, 'Warning', 'FailedDelete', `Deleted job: ${detail}`)
    throw error
  }
  report(cronJob, work, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)
}

function reportNews(cronJob: CronJobObject, news: ChildNews, work: Work): void {
  if (news.is === 'completed') {
    const text = `Saw completed job: ${news.name}, condition: ${news.end}`
    report(cronJob, work, 'Normal', 'SawCompletedJob', text)
  } else if (news.is === 'unexpected') {
    const text = `Saw a job that the controller did not create or forgot: ${news.name}`
    report(cronJob, work, 'Warning', 'UnexpectedJob', text)
  } else report(cronJob, work, 'Normal', 'MissingJob', `Active job went missing: ${news.name}`)
}

function report(
  cronJob: CronJobObject,
  work: Work,
  type: EventDetails['type'],
  reason: string,
  message: string,
): void {
  work.event(cronJob, resources.cronJobs, { type, reason, message })
}
