import {
  isConditionTrue,
  isPodReady,
  isStatusError,
  type JobStatus,
  type LabelMatcher,
  type Pod,
  semanticEqual,
} from '@miniplane/api'
import { type Cache, keyOf, resources } from '@miniplane/client'
import { type Outcome, type Reconcile, requeueAfter, type Work } from '../manager/controller.js'
import { claimDependents } from '../ownership/claim.js'
import type { Expectations } from '../ownership/expectations.js'
import { type Assessment, assess, conclude } from './assess.js'
import { carryOut } from './carry-out.js'
import { deadlineInMs, type Finish, finishOf, isFinished } from './finish.js'
import type { JobObject, PodObject } from './job-pod.js'
import { type JobPlan, NOTHING, planPods } from './plan.js'
import { TRACKING } from './pod-marks.js'
import type { ReleasedPods } from './released-pods.js'
import { type Standing, statusOf } from './status.js'

export interface JobParts {
  readonly jobs: Cache<JobObject>
  readonly pods: Cache<PodObject>
  readonly expectations: Expectations
  readonly released: ReleasedPods
  readonly selector: (job: JobObject) => LabelMatcher
  readonly clock: { now(): number }
}

/** What was done about a Job's Pods, and how that leaves it. */
interface Act {
  readonly plan: JobPlan
  readonly finish: Finish | undefined
  readonly standing: Standing
  /** Of what could not be done; the status is written all the same. */
  readonly error: unknown
}

/** Runs a Job's Pods to the end, and counts each ended Pod exactly once. */
export class JobReconciler {
  readonly #parts: JobParts

  constructor(parts: JobParts) {
    this.#parts = parts
  }

  readonly reconcile: Reconcile = async (key, work) => {
    const { jobs, expectations, clock, released } = this.#parts
    const job = jobs.get(key)
    if (job === undefined || isManagedElsewhere(job)) return undefined
    const { uid = '' } = job.metadata
    const mayAct = expectations.isFulfilled(uid)
    const pods = await this.#claim(job, work)
    if (isFinished(job)) {
      await this.#releaseAll(job, pods, work)
      return undefined
    }
    const nowMs = clock.now()
    const now = assess(job, pods, released.of(uid))
    const act = await this.#act(job, now, mayAct, nowMs, work)
    const end = act.finish?.type ?? (isDeleted(job) ? 'Complete' : undefined)
    const counted = end ? conclude(job, now, end, pods, released.of(uid)) : now
    const tracked = await this.#track(job, pods, counted, act, nowMs, work)
    if (act.error !== undefined) throw act.error
    return recheck(tracked, act.plan, nowMs)
  }

  #claim(job: JobObject, work: Work): Promise<PodObject[]> {
    return claimDependents<PodObject>({
      owner: job,
      ownerRef: resources.jobs,
      selector: this.#parts.selector(job),
      cache: this.#parts.pods,
      dependentRef: resources.pods,
      client: work.client,
    })
  }

  /** Adds and takes away Pods; at the end of a Job, all that are left. */
  async #act(
    job: JobObject,
    now: Assessment,
    mayAct: boolean,
    nowMs: number,
    work: Work,
  ): Promise<Act> {
    const { active, ready, terminating } = now
    const idle: Act = {
      plan: NOTHING,
      finish: undefined,
      standing: { active: active.length, ready, terminating },
      error: undefined,
    }
    // Pods that the cache does not show could not be counted.
    if (!mayAct) return idle
    const finish = finishOf(job, now, nowMs)
    if (!finish && isDeleted(job)) return idle
    const plan = finish ? { remove: active, create: [] } : planPods(job, now, nowMs)
    const beforeDelete = finish ? undefined : (pod: Pod) => this.#release(job, pod, work)
    const { expectations } = this.#parts
    const done = await carryOut({ job, plan, expectations, work, beforeDelete })
    const standing = {
      active: active.length + done.created - done.removed.length,
      ready: ready - done.removed.filter(isPodReady).length,
      terminating: terminating + done.removed.length,
    }
    const { error } = done
    return { plan, finish: error === undefined ? finish : undefined, standing, error }
  }

  /**
   * Ended Pods are noted in the status, then let go, then counted: whenever this is interrupted,
   * the next reconcile knows how far it came. Returns the Job as last written.
   */
  async #track(
    job: JobObject,
    pods: readonly PodObject[],
    now: Assessment,
    { finish, standing }: Act,
    nowMs: number,
    work: Work,
  ): Promise<JobObject> {
    const noted = statusOf(job, now, standing, finish, false, nowMs)
    const interim = await this.#write(job, noted, work)
    await Promise.all(now.toRelease.map((pod) => this.#release(job, pod, work)))
    const counted = statusOf(interim, now, standing, finish, true, nowMs)
    const written = await this.#write(interim, counted, work)
    if (written !== job) reportTurn(job, written, finish, work)
    if (isFinished(written)) await this.#releaseAll(written, pods, work)
    return written
  }

  async #write(job: JobObject, status: JobStatus, work: Work): Promise<JobObject> {
    if (semanticEqual(withZeros(job.status), withZeros(status))) return job
    return work.client.of(resources.jobs).updateStatus({ ...job, status })
  }

  async #release(job: JobObject, pod: Pod, work: Work): Promise<void> {
    const { name = '', namespace = '', uid = '', finalizers = [] } = pod.metadata
    if (!finalizers.includes(TRACKING)) return
    this.#parts.released.add(job.metadata.uid ?? '', uid)
    try {
      await releasePod(pod, work)
    } catch (error) {
      this.#parts.released.remove(job.metadata.uid ?? '', uid)
      throw new Error(`could not let go of pod ${namespace}/${name}`, { cause: error })
    }
  }

  /** A finished Job has no more use for its Pods. */
  async #releaseAll(job: JobObject, pods: readonly Pod[], work: Work): Promise<void> {
    const { uid = '' } = job.metadata
    const released = this.#parts.released.of(uid)
    const left = pods.filter(({ metadata }) => !released.has(metadata.uid ?? ''))
    await Promise.all(left.map((pod) => this.#release(job, pod, work)))
  }
}

const isDeleted = ({ metadata }: JobObject): boolean => metadata.deletionTimestamp !== undefined

/** Takes the tracking finalizer off a Pod. One that is gone needs nothing. */
export async function releasePod(pod: Pod, { client }: Work): Promise<void> {
  const { name = '', namespace = '', uid, finalizers = [] } = pod.metadata
  const patch = {
    metadata: {
      uid,
      '$deleteFromPrimitiveList/finalizers': [TRACKING],
      '$setElementOrder/finalizers': finalizers.filter((each) => each !== TRACKING),
    },
  }
  try {
    await client.of(resources.pods).patch(name, patch, { type: 'strategic', namespace })
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return
    throw error
  }
}

/** The server leaves out what is 0. */
const withZeros = (status: JobStatus) => ({
  ...status,
  active: status.active ?? 0,
  succeeded: status.succeeded ?? 0,
  failed: status.failed ?? 0,
  completedIndexes: status.completedIndexes ?? '',
})

/** Tells of what a person would want to know: the end, a pause, and its end. */
function reportTurn(
  before: JobObject,
  after: JobObject,
  finish: Finish | undefined,
  work: Work,
): void {
  const event = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    work.event(after, resources.jobs, { type, reason, message })
  if (finish && isFinished(after)) {
    if (finish.type === 'Complete') {
      if ((after.status.succeeded ?? 0) > (after.spec.completions ?? Number.POSITIVE_INFINITY)) {
        const message = 'Too many succeeded pods running after completion count reached'
        event('Warning', 'TooManySucceededPods', message)
      }
      event('Normal', 'Completed', 'Job completed')
    } else event('Warning', finish.reason, finish.message)
  }
  const wasSuspended = isConditionTrue(before.status.conditions, 'Suspended')
  const isSuspended = isConditionTrue(after.status.conditions, 'Suspended')
  if (isSuspended && !wasSuspended) event('Normal', 'Suspended', 'Job suspended')
  if (!isSuspended && wasSuspended) event('Normal', 'Resumed', 'Job resumed')
}

const MANAGER = 'kubernetes.io/job-controller'

/** Somebody else's Jobs are not looked at. */
const isManagedElsewhere = ({ spec }: JobObject): boolean =>
  spec.managedBy !== undefined && spec.managedBy !== MANAGER

function recheck(job: JobObject, { retryInMs }: JobPlan, nowMs: number): Outcome | undefined {
  if (isFinished(job)) return undefined
  const waits = [retryInMs, deadlineInMs(job, nowMs)].filter((waitMs) => waitMs !== undefined)
  return waits.length === 0 ? undefined : requeueAfter(Math.max(Math.min(...waits), 0) + 1)
}

/** The work item for a tracked Pod whose Job is gone. */
export const orphanKey = (pod: PodObject): string => `pod ${keyOf(pod)}`
