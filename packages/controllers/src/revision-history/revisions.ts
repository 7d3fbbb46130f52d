import {
  type ControllerRevision,
  type GroupVersionKind,
  isEqual,
  isStatusError,
  type KubeObject,
  ownerReferenceFor,
  type PodTemplateSpec,
  podTemplateHash,
} from '@miniplane/api'
import { type Cache, type Client, resources } from '@miniplane/client'
import { controlledBy, indexByController } from '../ownership/indexes.js'

export type RevisionObject = ControllerRevision & KubeObject

/** Whose Pods come from a template that changes over time. */
export type Templated = KubeObject & { readonly spec: { readonly template: PodTemplateSpec } }

/** Names are at most this long, and the hash must be seen. */
const PREFIX_MAX = 223

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

/** What is kept of a template: a patch that puts all of it back. */
const dataFor = (template: PodTemplateSpec) => ({
  spec: { template: { ...template, $patch: 'replace' } },
})

/**
 * The revision for the owner's present template: the newest if it is that one, an older one with a
 * new number (a rollback), or one that is made now.
 */
export async function syncRevision(
  store: RevisionStore,
  owner: Templated,
  collisionCount: number,
  client: Client,
): Promise<RevisionObject> {
  const known = revisionsOf(store, owner)
  const data = dataFor(owner.spec.template)
  const next = (known.at(-1)?.revision ?? 0) + 1
  const equal = known.findLast((each) => isEqual(each.data, data))
  const api = client.of(resources.controllerRevisions)
  if (equal === undefined) return create(store, owner, data, next, collisionCount, client)
  if (equal === known.at(-1)) return equal
  return api.update({ ...equal, revision: next })
}

async function create(
  { kind, hashLabel }: Pick<RevisionStore, 'kind' | 'hashLabel'>,
  owner: Templated,
  data: object,
  revision: number,
  collisionCount: number,
  client: Client,
): Promise<RevisionObject> {
  const hash = podTemplateHash(data, collisionCount === 0 ? undefined : collisionCount)
  const { name: ownerName = '', namespace = '', annotations = {} } = owner.metadata
  const name = `${ownerName.slice(0, PREFIX_MAX)}-${hash}`
  const labels = { ...owner.spec.template.metadata?.labels, [hashLabel]: hash }
  const ownerReferences = [ownerReferenceFor(owner, kind)]
  const api = client.of(resources.controllerRevisions)
  try {
    const metadata = { name, namespace, labels, annotations, ownerReferences }
    return await api.create({ metadata, data, revision })
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
    const existing = await api.get(name, { namespace })
    if (isEqual(existing.data, data)) return existing
    // Another template with this hash: the next salt gives another name.
    return create({ kind, hashLabel }, owner, data, revision, collisionCount + 1, client)
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
