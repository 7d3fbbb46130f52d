import {
  type ControllerRevision,
  type GroupVersionKind,
  isEqual,
  isStatusError,
  type KubeObject,
  ownerReferenceFor,
  type PodTemplateSpec,
} from '@miniplane/api'
import { type Cache, type Client, resources } from '@miniplane/client'
import { controlledBy, indexByController } from '../ownership/indexes.js'
import { revisionData } from '../template-hash/revision-hash.js'

export type RevisionObject = ControllerRevision & KubeObject

/** Whose Pods come from a template that changes over time. */
export type Templated = KubeObject & { readonly spec: { readonly template: PodTemplateSpec } }

/** How a kind marks its revisions with their hash. */
export type HashLabel = 'controller.kubernetes.io/hash' | 'controller-revision-hash'

export interface RevisionStore {
  readonly cache: Cache<RevisionObject>
  readonly kind: GroupVersionKind
  readonly hashLabel: HashLabel
}

export function revisionStore(
  cache: Cache<RevisionObject>,
  kind: GroupVersionKind,
  hashLabel: HashLabel,
): RevisionStore {
  indexByController(cache)
  return { cache, kind, hashLabel }
}

/** The owner's revisions, oldest first. */
export const revisionsOf = ({ cache }: RevisionStore, owner: KubeObject): RevisionObject[] =>
  controlledBy(cache, owner.metadata.uid ?? '').sort((a, b) => a.revision - b.revision)

/** The template that a revision stands for. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { spec } = data as { spec: { template: PodTemplateSpec & { $patch?: string } } }
  const { $patch: _, ...template } = spec.template
  return template
}

/** Makes the owner's next revision; a kind's own, since names are found in different ways. */
export type CreateRevision = (draft: RevisionDraft) => Promise<RevisionObject>

export interface RevisionDraft {
  /** The template as a patch, in text. */
  readonly data: string
  readonly revision: number
}

/**
 * The revision for the owner's present template: the newest if it is that one, an older one with a
 * new number (a rollback), or one that is made now.
 */
export async function syncRevision(
  store: RevisionStore,
  owner: Templated,
  client: Client,
  create: CreateRevision,
): Promise<RevisionObject> {
  const known = revisionsOf(store, owner)
  const text = revisionData(owner.spec.template)
  const data: unknown = JSON.parse(text)
  const next = (known.at(-1)?.revision ?? 0) + 1
  const equal = known.findLast((each) => isEqual(each.data, data))
  if (equal === undefined) return create({ data: text, revision: next })
  if (equal === known.at(-1)) return equal
  return client.of(resources.controllerRevisions).update({ ...equal, revision: next })
}

/**
 * Creates a revision under this name, or finds the same one there. Undefined when the name is taken
 * by another template's, whose hash happens to be the same.
 */
export async function createRevision(
  { kind, hashLabel }: RevisionStore,
  owner: Templated,
  { name, hash, draft }: { name: string; hash: string; draft: RevisionDraft },
  client: Client,
): Promise<RevisionObject | undefined> {
  const { namespace = '', annotations = {} } = owner.metadata
  const labels = { ...owner.spec.template.metadata?.labels, [hashLabel]: hash }
  const metadata = {
    ...{ name, namespace, labels, annotations },
    ownerReferences: [ownerReferenceFor(owner, kind)],
  }
  const data = JSON.parse(draft.data) as object
  const api = client.of(resources.controllerRevisions)
  try {
    return await api.create({ metadata, data, revision: draft.revision })
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
    const existing = await api.get(name, { namespace })
    return isEqual(existing.data, data) ? existing : undefined
  }
}

/** Deletes the oldest revisions beyond `limit` that no Pod and no status needs. */
export async function truncateHistory(
  store: RevisionStore,
  owner: KubeObject,
  isLive: (revision: RevisionObject) => boolean,
  limit: number,
  client: Client,
): Promise<void> {
  const unused = revisionsOf(store, owner).filter((each) => !isLive(each))
  const surplus = unused.slice(0, Math.max(unused.length - limit, 0))
  for (const { metadata } of surplus) {
    const { name = '', namespace = '' } = metadata
    try {
      await client.of(resources.controllerRevisions).delete(name, { namespace })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }
}
