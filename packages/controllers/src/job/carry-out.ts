import type { Pod } from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import type { Expectations } from '../ownership/expectations.js'
import { createPod, deletePod } from '../pod-control/pod-control.js'
import { slowStart } from '../pod-control/slow-start.js'
import { type JobObject, jobPod } from './job-pod.js'
import { limits } from './limits.js'
import type { JobPlan } from './plan.js'

interface Task {
  readonly job: JobObject
  readonly plan: JobPlan
  readonly expectations: Expectations
  readonly work: Work
  /** What a Pod needs before it is deleted. */
  readonly beforeDelete: ((pod: Pod) => Promise<void>) | undefined
}

interface Done {
  readonly created: number
  readonly removed: readonly Pod[]
  /** The first thing that went wrong. */
  readonly error?: unknown
}

/** Creates and deletes Pods as planned, as many as one reconcile may. Never rejects. */
export async function carryOut(task: Task): Promise<Done> {
  const { job, plan, expectations } = task
  const { uid = '' } = job.metadata
  const create = plan.create.slice(0, limits.burstPods)
  const remove = plan.remove.slice(0, limits.burstPods)
  if (create.length + remove.length === 0) return { created: 0, removed: [] }
  const uids = remove.map(({ metadata }) => metadata.uid ?? '')
  expectations.expect(uid, create.length, uids)
  const creation = await createAll(task, create)
  const deletion = await deleteAll(task, remove)
  const error = creation.error ?? deletion.error
  return {
    created: creation.created,
    removed: deletion.removed,
    ...(error !== undefined && { error }),
  }
}

async function createAll({ job, expectations, work }: Task, orders: JobPlan['create']) {
  const { uid = '' } = job.metadata
  const owner = { object: job, kind: resources.jobs }
  let created = 0
  const { succeeded, error } = await slowStart(orders.length, async (position) => {
    try {
      await createPod(work, owner, jobPod(job, orders[position] ?? {}))
      created++
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error
      expectations.creationsObserved(uid)
    }
  })
  if (succeeded < orders.length) expectations.creationsObserved(uid, orders.length - succeeded)
  return { created, error }
}

async function deleteAll({ job, expectations, work, beforeDelete }: Task, pods: readonly Pod[]) {
  const owner = { object: job, kind: resources.jobs }
  const removed: Pod[] = []
  const results = await Promise.allSettled(
    pods.map(async (pod) => {
      try {
        await beforeDelete?.(pod)
        await deletePod(work, owner, pod)
        removed.push(pod)
      } catch (error) {
        expectations.deletionObserved(job.metadata.uid ?? '', pod.metadata.uid ?? '')
        throw error
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  return { removed, error: failed?.reason as unknown }
}
