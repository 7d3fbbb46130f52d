import type { Client } from '@miniplane/client'
import {
  createRevision,
  type RevisionDraft,
  type RevisionObject,
  type RevisionStore,
} from '../revision-history/revisions.js'
import { revisionHash } from '../template-hash/revision-hash.js'
import type { StatefulSetObject } from './identity.js'

/** Names are at most 253 characters long, and the hash must be seen. */
const PREFIX_MAX = 223

export interface NewRevision {
  readonly revision: RevisionObject
  /** How many names were taken, in all of the set's life. */
  readonly collisionCount: number
}

/** Makes a revision; where its name is taken by another one, counts on until one is free. */
export async function newRevision(
  revisions: RevisionStore,
  set: StatefulSetObject,
  draft: RevisionDraft,
  client: Client,
): Promise<NewRevision> {
  const prefix = (set.metadata.name ?? '').slice(0, PREFIX_MAX)
  let collisionCount = set.status.collisionCount ?? 0
  // The label stays what it was before the first collision, as with the real controller.
  const hash = revisionHash(draft.data, collisionCount)
  for (; ; collisionCount++) {
    const name = `${prefix}-${revisionHash(draft.data, collisionCount)}`
    const revision = await createRevision(revisions, set, { name, hash, draft }, client)
    if (revision !== undefined) return { revision, collisionCount }
  }
}
