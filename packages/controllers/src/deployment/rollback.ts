import { type Deployment, isEqual, type ReplicaSet } from '@miniplane/api'
import { annotations, integer, isCopied, maxRevision, revisionOf } from './annotations.js'
import { isSameTemplate, withoutHash } from './revisions.js'
import type { Session } from './session.js'

/** The revision that was asked for; 0 is the last one before this; undefined: nobody asked. */
export function rollbackTarget({ metadata }: Deployment): bigint | undefined {
  return integer(metadata.annotations?.[annotations.rollbackTo])
}

/** Gives the Deployment the template of an older ReplicaSet, and forgets that it was asked to. */
export async function rollBack(session: Session, target: bigint): Promise<void> {
  const { deployment, all } = session
  const revision = target === 0n ? lastRevision(all) : target
  const replicaSet = all.find((each) => revisionOf(each) === revision)
  if (revision === 0n || replicaSet === undefined) {
    const text =
      revision === 0n
        ? 'Unable to find last revision.'
        : 'Unable to find the revision to rollback to.'
    session.event('Warning', 'RollbackRevisionNotFound', text)
    await write(session, deployment)
    return
  }
  const { name } = deployment.metadata
  if (isSameTemplate(deployment.spec.template, replicaSet.spec.template)) {
    const text = `The rollback revision contains the same template as current deployment "${name}"`
    session.event('Warning', 'RollbackTemplateUnchanged', text)
    await write(session, deployment)
    return
  }
  await write(session, withTemplateOf(deployment, replicaSet))
  const text = `Rolled back deployment "${name}" to revision ${revision}`
  session.event('Normal', 'RollbackDone', text)
}

/** The highest but one. */
function lastRevision(all: readonly ReplicaSet[]): bigint {
  const newest = maxRevision(all)
  return maxRevision(all.filter((each) => revisionOf(each) !== newest))
}

/** Annotations of the old ReplicaSet (a change cause) come back with its template. */
function withTemplateOf(deployment: Deployment, replicaSet: ReplicaSet): Deployment {
  const kept = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([name]) => !isCopied(name),
  )
  const restored = Object.entries(replicaSet.metadata.annotations ?? {}).filter(([name]) =>
    isCopied(name),
  )
  return {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: Object.fromEntries([...kept, ...restored]) },
    spec: { ...deployment.spec, template: withoutHash(replicaSet.spec.template) },
  }
}

async function write(session: Session, changed: Deployment): Promise<void> {
  const { [annotations.rollbackTo]: _, ...rest } = changed.metadata.annotations ?? {}
  const updated = { ...changed, metadata: { ...changed.metadata, annotations: rest } }
  if (!isEqual(updated, session.deployment)) {
    session.deployment = await session.deployments.update(updated)
  }
}
