import {
  isConditionTrue,
  isStatusError,
  type JobStatus,
  type LabelMatcher,
  type Pod,
  type Random,
  semanticEqual,
} from '@miniplane/api'
import { type Cache, keyOf, resources } from '@miniplane/client'
import { type Outcome, type Reconcile, requeueAfter, type Work } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { claimDependents } from '../ownership/claim.js'
import type { Expectations } from '../ownership/expectations.js'
import { createPod, deletePod } from '../pod-control/pod-control.js'
import { slowStart } from '../pod-control/slow-start.js'
import {
  type Assessment,
  assess,
  deadlineInMs,
  type Finish,
  finishOf,
  isFinished,
} from './assess.js'
import { type JobObject, jobPod, type PodObject, TRACKING } from './job-pod.js'
import { limits } from './limits.js'
import { type JobPlan, planPods } from './plan.js'
import type { ReleasedPods } from './released-pods.js'
import { statusOf } from './status.js'

export interface JobParts {
  readonly jobs: Cache<JobObject>
  readonly pods: Cache<PodObject>
  readonly expectations: Expectations
  readonly released: ReleasedPods
  readonly selector: (job: JobObject) => LabelMatcher
  readonly clock: { now(): number }
  readonly random: Random
}

/** Runs a Job's Pods to the end, and counts each ended Pod exactly once. */
export class JobReconciler {
  readonly #parts: JobParts

  constructor(parts: JobParts) {
    this.#parts = parts
  }

  readonly reconcile: Reconcile = async (key, work) => {
    const { jobs, expectations, clock } = this.#parts
    const job = jobs.get(key)
    if (job === undefined) return undefined
    const { uid = '' } = job.metadata
    const mayAct = expectations.isFulfilled(uid)
    const pods = await this.#claim(job, work)
    if (isFinished(job)) {
      await this.#releaseAll(job, pods, work)
      return undefined
    }
    const nowMs = clock.now()
    const now = assess(job, pods, this.#parts.released.of(uid))
    const finish = finishOf(job, now, nowMs)
    const isGoing = job.metadata.deletionTimestamp === undefined
    const plan: JobPlan = finish ? { remove: [], create: [] } : planPods(job, now, nowMs)
    const tracked = await this.#track(job, pods, now, finish, nowMs, work)
    if (mayAct && isGoing) await this.#carryOut(tracked, plan, work)
    return recheck(tracked, plan, nowMs)
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

  /**
   * Ended Pods are noted in the status, then let go, then counted: whenever this is interrupted,
   * the next reconcile knows how far it came. Returns the Job as last written.
   */
  async #track(
    job: JobObject,
    pods: readonly PodObject[],
    now: Assessment,
    finish: Finish | undefined,
    nowMs: number,
    work: Work,
  ): Promise<JobObject> {
    let current = job
    if (now.toRelease.length > 0) {
      const noted = statusOf(current, now, finish, false, nowMs)
      current = await this.#write(current, noted, work)
      await Promise.all(now.toRelease.map((pod) => this.#release(job, pod, work)))
    }
    const isOver = await this.#endActive(job, now, finish, work)
    const counted = statusOf(current, isOver, finish, true, nowMs)
    const written = await this.#write(current, counted, work)
    if (written !== current) reportTurn(job, written, finish, work)
    if (isFinished(written)) await this.#releaseAll(written, pods, work)
    return written
  }

  /** The end of a Job is the end of its Pods; those without a node are gone at once. */
  async #endActive(
    job: JobObject,
    now: Assessment,
    finish: Finish | undefined,
    work: Work,
  ): Promise<Assessment> {
    if (finish === undefined || now.active.length === 0) return now
    await this.#carryOut(job, { remove: now.active, create: [] }, work)
    return { ...now, active: [], ready: 0, terminating: now.terminating + now.active.length }
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

  async #carryOut(job: JobObject, { create, remove }: JobPlan, work: Work): Promise<void> {
    const { expectations, random } = this.#parts
    const { uid = '' } = job.metadata
    const targets = create.slice(0, limits.burstPods)
    const victims = remove
      .slice(0, limits.burstPods)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    if (targets.length + victims.length === 0) return
    expectations.expect(
      uid,
      targets.length,
      victims.map(({ metadata }) => metadata.uid ?? ''),
    )
    const owner = { object: job, kind: resources.jobs }
    const { succeeded, error } = await slowStart(targets.length, async (index) => {
      try {
        await createPod(work, owner, jobPod(job, targets[index], random))
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error
        expectations.creationsObserved(uid)
      }
    })
    if (succeeded < targets.length) expectations.creationsObserved(uid, targets.length - succeeded)
    const results = await Promise.allSettled(
      victims.map(async (pod) => {
        try {
          await deletePod(work, owner, pod)
        } catch (error) {
          expectations.deletionObserved(uid, pod.metadata.uid ?? '')
          throw error
        }
      }),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (error !== undefined || failed) throw error ?? failed?.reason
  }
}

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
    if (finish.type === 'Complete') event('Normal', 'Completed', 'Job completed')
    else event('Warning', finish.reason, finish.message)
  }
  const wasSuspended = isConditionTrue(before.status.conditions, 'Suspended')
  const isSuspended = isConditionTrue(after.status.conditions, 'Suspended')
  if (isSuspended && !wasSuspended) event('Normal', 'Suspended', 'Job suspended')
  if (!isSuspended && wasSuspended) event('Normal', 'Resumed', 'Job resumed')
}

function recheck(job: JobObject, { retryInMs }: JobPlan, nowMs: number): Outcome | undefined {
  if (isFinished(job)) return undefined
  const waits = [retryInMs, deadlineInMs(job, nowMs)].filter((waitMs) => waitMs !== undefined)
  return waits.length === 0 ? undefined : requeueAfter(Math.max(Math.min(...waits), 0) + 1)
}

/** The work item for a tracked Pod whose Job is gone. */
export const orphanKey = (pod: PodObject): string => `pod ${keyOf(pod)}`
