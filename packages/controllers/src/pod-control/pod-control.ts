import { type GroupVersionKind, isStatusError, type KubeObject, type Pod } from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'

/** Whoever the Pods are made and deleted for. */
export interface PodOwner {
  readonly object: KubeObject
  readonly kind: GroupVersionKind
}

/** Creates a Pod and reports it on its owner. */
export async function createPod(work: Work, owner: PodOwner, pod: Pod): Promise<Pod> {
  try {
    const created = await work.client.of(resources.pods).create(pod)
    const message = `Created pod: ${created.metadata.name}`
    work.event(owner.object, owner.kind, { type: 'Normal', reason: 'SuccessfulCreate', message })
    return created
  } catch (error) {
    // In a namespace that is going away this is what has to happen: nothing to report.
    if (!isNamespaceTerminating(error)) {
      const message = `Error creating: ${messageOf(error)}`
      work.event(owner.object, owner.kind, { type: 'Warning', reason: 'FailedCreate', message })
    }
    throw error
  }
}

/** Deletes a Pod and reports it on its owner. One that is gone already is no error. */
export async function deletePod(work: Work, owner: PodOwner, pod: Pod): Promise<void> {
  const { name = '', namespace = '', uid } = pod.metadata
  try {
    const preconditions = uid === undefined ? {} : { preconditions: { uid } }
    await work.client.of(resources.pods).delete(name, { namespace, ...preconditions })
    const message = `Deleted pod: ${name}`
    work.event(owner.object, owner.kind, { type: 'Normal', reason: 'SuccessfulDelete', message })
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return
    const message = `Error deleting: ${messageOf(error)}`
    work.event(owner.object, owner.kind, { type: 'Warning', reason: 'FailedDelete', message })
    throw error
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
