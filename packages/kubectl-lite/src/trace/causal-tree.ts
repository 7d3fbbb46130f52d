import type { CausalRecord } from '@miniplane/api'

/** A write and the writes that followed from it. */
export interface CausalNode {
  readonly record: CausalRecord
  /** How the edge to the parent is known; absent at the root. */
  readonly edge?: 'recorded' | 'inferred from ownerReferences' | 'inferred: same object'
  /** Revisions that it reacted to besides its parent's. */
  readonly alsoReactedTo: readonly string[]
  readonly children: CausalNode[]
}

/** The uids of an object's owners, by the object's uid. */
export type Owners = ReadonlyMap<string, readonly string[]>

/** Bookkeeping about what happened, and not part of it. */
const BOOKKEEPING = new Set(['/events', 'events.k8s.io/events', 'coordination.k8s.io/leases'])

/**
 * The trees of writes that begin with the writes of `uid` and follow every recorded cause. Where a
 * write has none, its object's earlier write or its owners are used, and the edge says so.
 */
export function causalTrees(
  records: readonly CausalRecord[],
  uid: string,
  owners: Owners,
): CausalNode[] {
  const known = records.filter(({ resource }) => !BOOKKEEPING.has(resource))
  const byRevision = new Map<string, CausalNode>()
  const latestOf = new Map<string, CausalNode>()
  const roots: CausalNode[] = []
  for (const record of known) {
    const parent = parentOf(record, byRevision, latestOf, owners)
    if (!parent && record.uid !== uid) continue
    const node: CausalNode = {
      record,
      ...(parent ? { edge: parent.edge } : {}),
      alsoReactedTo: otherTriggers(record, parent?.node),
      children: [],
    }
    if (parent) parent.node.children.push(node)
    else roots.push(node)
    byRevision.set(record.revision, node)
    latestOf.set(record.uid, node)
  }
  return roots
}

interface Parent {
  readonly node: CausalNode
  readonly edge: NonNullable<CausalNode['edge']>
}

function parentOf(
  record: CausalRecord,
  byRevision: ReadonlyMap<string, CausalNode>,
  latestOf: ReadonlyMap<string, CausalNode>,
  owners: Owners,
): Parent | undefined {
  const triggers = record.cause?.triggers ?? []
  const latest = triggers
    .map(({ revision }) => byRevision.get(revision))
    .filter((node) => node !== undefined)
    .sort((a, b) => Number(b.record.revision) - Number(a.record.revision))[0]
  if (latest) return { node: latest, edge: 'recorded' }
  // What it reacted to is known, and lies elsewhere.
  if (triggers.length > 0) return undefined
  // A person's request begins a chain of its own: it is no consequence of what was there.
  if (isRequest(record)) return undefined
  const own = latestOf.get(record.uid)
  if (own) return { node: own, edge: 'inferred: same object' }
  if (record.verb !== 'create') return undefined
  for (const owner of owners.get(record.uid) ?? []) {
    const node = latestOf.get(owner)
    if (node) return { node, edge: 'inferred from ownerReferences' }
  }
  return undefined
}

/** Whether somebody outside asked for it: no cause, and not a component of the plane. */
const isRequest = ({ cause, user }: CausalRecord): boolean =>
  cause === undefined && !/^system:(?!admin)/.test(user)

function otherTriggers(record: CausalRecord, parent: CausalNode | undefined): string[] {
  const revisions = (record.cause?.triggers ?? []).map(({ revision }) => revision)
  return [...new Set(revisions)].filter((revision) => revision !== parent?.record.revision)
}
