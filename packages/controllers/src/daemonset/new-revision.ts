import { type Client, resources } from '@miniplane/client'
import { updateStatus } from '../manager/update-status.js'
import {
  createRevision,
  type RevisionDraft,
  type RevisionObject,
  type RevisionStore,
} from '../revision-history/revisions.js'
import { templateHash } from '../template-hash/template-hash.js'
import type { DaemonSetObject } from './pod-template.js'

/**
 * Makes a revision. Where its name is taken by another template's, counts the collision in the
 * set's status and throws: the next reconcile hashes with that count.
 */
export async function newRevision(
  revisions: RevisionStore,
  set: DaemonSetObject,
  draft: RevisionDraft,
  client: Client,
): Promise<RevisionObject> {
  const { collisionCount } = set.status
  const hash = templateHash(set.spec.template, collisionCount)
  const name = `${set.metadata.name}-${hash}`
  const revision = await createRevision(revisions, set, { name, hash, draft }, client)
  if (revision !== undefined) return revision
  const next = (collisionCount ?? 0) + 1
  await updateStatus(client.of(resources.daemonSets), set, (latest) => ({
    ...latest,
    status: { ...latest.status, collisionCount: next },
  }))
  throw new Error(`the revision ${name} is there for another template: collision ${next}`)
}
