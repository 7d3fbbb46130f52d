import {
  controllerOf,
  findCondition,
  isEqual,
  isStatusError,
  ownerReferenceFor,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { annotations, annotationsOfNew, maxRevision, sizeAnnotations } from './annotations.js'
import { newCondition, reasons } from './conditions.js'
import { hasProgressDeadline } from './progress.js'
import { hashOf, isSameTemplate, newReplicaSet } from './revisions.js'
import { nextSizeOfNew } from './rolling.js'
import type { ReplicaSetObject, Session } from './session.js'

/**
 * Brings the revision annotations of the new ReplicaSet and the Deployment up to date; makes the
 * ReplicaSet first if it is not there and `mayCreate`.
 */
export async function syncNewSet(session: Session, mayCreate: boolean): Promise<void> {
  const revision = maxRevision(session.old) + 1n
  if (session.newSet) await refreshNewSet(session, session.newSet, revision)
  else if (mayCreate) await createNewSet(session, revision)
}

async function refreshNewSet(
  session: Session,
  set: ReplicaSetObject,
  revision: bigint,
): Promise<void> {
  const { deployment } = session
  const current = set.metadata.annotations ?? {}
  const wanted = annotationsOfNew(deployment, current, revision)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  if (!isEqual(current, wanted) || (set.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const updated = await session.replicaSets.update({
      ...set,
      metadata: { ...set.metadata, annotations: wanted },
      spec: { ...set.spec, minReadySeconds },
    })
    session.know(updated)
    // The size follows in the reconcile that this write leads to.
  }
  const isNew =
    hasProgressDeadline(deployment) &&
    findCondition(deployment.status.conditions, 'Progressing') === undefined
  const text = `Found new replica set "${set.metadata.name}"`
  const found = newCondition('Progressing', 'True', reasons.newSetFound, text, session.nowMs)
  await session.writeRevision(wanted[annotations.revision], isNew ? found : undefined)
}

async function createNewSet(session: Session, revision: bigint): Promise<void> {
  const { deployment, nowMs } = session
  const draft = draftNewSet(session, revision)
  const { created, isMine } = await createOrFind(session, draft)
  session.newSet = created
  const name = created.metadata.name
  const size = draft.spec.replicas ?? 0
  if (!isMine && size > 0) {
    session.event('Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${size}`)
  }
  const text = `Created new replica set "${name}"`
  const condition =
    !isMine && hasProgressDeadline(deployment)
      ? newCondition('Progressing', 'True', reasons.newSetCreated, text, nowMs)
      : undefined
  await session.writeRevision(String(revision), condition)
}

function draftNewSet(session: Session, revision: bigint): ReplicaSetObject {
  const { deployment, old } = session
  const draft = newReplicaSet(deployment, hashOf(deployment))
  return {
    ...draft,
    metadata: {
      ...draft.metadata,
      annotations: {
        ...annotationsOfNew(deployment, {}, revision),
        ...sizeAnnotations(deployment),
      },
      ownerReferences: [ownerReferenceFor(deployment, resources.deployments)],
    },
    spec: { ...draft.spec, replicas: nextSizeOfNew(deployment, old, 0) },
  }
}

/** `isMine`: it was there already, made by an earlier reconcile that the cache does not show yet. */
async function createOrFind(
  session: Session,
  draft: ReplicaSetObject,
): Promise<{ created: ReplicaSetObject; isMine: boolean }> {
  try {
    return { created: await session.replicaSets.create(draft), isMine: false }
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) {
      return { created: await mineOrCollision(session, draft, error), isMine: true }
    }
    if (!isNamespaceTerminating(error)) await reportFailure(session, draft, error)
    throw error
  }
}

/** The same name for another template: the next reconcile hashes with another salt. */
async function mineOrCollision(
  session: Session,
  draft: ReplicaSetObject,
  error: unknown,
): Promise<ReplicaSetObject> {
  const { name = '', namespace = '' } = draft.metadata
  const existing = await session.replicaSets.get(name, { namespace })
  const { deployment } = session
  const isMine =
    controllerOf(existing)?.uid === deployment.metadata.uid &&
    isSameTemplate(existing.spec.template, deployment.spec.template)
  if (isMine) return existing
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1
  await session.writeStatus({ ...deployment.status, collisionCount })
  throw error
}

async function reportFailure(
  session: Session,
  { metadata }: ReplicaSetObject,
  error: unknown,
): Promise<void> {
  const detail = error instanceof Error ? error.message : String(error)
  const text = `Failed to create new replica set "${metadata.name}": ${detail}`
  if (hasProgressDeadline(session.deployment)) {
    await session.writeCondition(
      newCondition('Progressing', 'False', reasons.newSetFailed, text, session.nowMs),
    )
  }
  session.event('Warning', reasons.newSetFailed, text)
}
