import type { ObjectMeta, OwnerReference } from '@miniplane/api'
import type { ResourceRef } from '@miniplane/client'

/** Finalizers by which the server says what is to happen to an object's dependents. */
export const FOREGROUND = 'foregroundDeletion'
export const ORPHAN = 'orphan'

/** Where an object is, or is said to be. */
export interface Identity {
  /** Undefined for an owner that is only known from a reference. */
  readonly ref: ResourceRef | undefined
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** An object, or an owner that some object names. */
export interface GraphNode {
  identity: Identity
  owners: readonly OwnerReference[]
  readonly dependents: Set<GraphNode>
  /** Named by a dependent, but not seen itself (yet). */
  isVirtual: boolean
  isBeingDeleted: boolean
  /** Waits for its dependents to be deleted first. */
  isDeletingDependents: boolean
  /** Waits for its dependents to be let go. */
  isOrphaningDependents: boolean
}

/** What a change makes worth looking at. */
export interface Consequences {
  /** May have lost their last owner, or their last blocking dependent. */
  readonly check: readonly GraphNode[]
  /** Want their dependents let go. */
  readonly orphan: readonly GraphNode[]
  /** Name an owner that lives in another namespace. */
  readonly misplaced: readonly GraphNode[]
}

const NOTHING: Consequences = { check: [], orphan: [], misplaced: [] }

/** Collects consequences; most changes have none and stay without an object of their own. */
class Collected implements Consequences {
  readonly check: GraphNode[] = []
  readonly orphan: GraphNode[] = []
  readonly misplaced: GraphNode[] = []
}

/** Who owns whom, by uid. Knows nothing of servers and queues: changes in, consequences out. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>()

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid)
  }

  get size(): number {
    return this.#nodes.size
  }

  /** An object was seen, for the first time or changed. */
  put(identity: Identity, metadata: ObjectMeta): Consequences {
    const node = this.#nodes.get(identity.uid)
    const owners = metadata.ownerReferences ?? []
    if (node === undefined) return this.#add(identity, owners, metadata)
    const wasVirtual = node.isVirtual
    const isRelinked = !sameOwners(node.owners, owners)
    if (!wasVirtual && !isRelinked && metadata.deletionTimestamp === undefined) return NOTHING
    const found = new Collected()
    if (wasVirtual) this.#materialize(node, identity, found)
    if (isRelinked) this.#relink(node, owners, found)
    this.#noteDeletion(node, metadata, found)
    return found
  }

  /** An object is gone, or is known not to exist. */
  remove(uid: string): Consequences {
    const node = this.#nodes.get(uid)
    if (node === undefined) return NOTHING
    const found = new Collected()
    this.#nodes.delete(uid)
    for (const owner of this.#ownersOf(node)) {
      owner.dependents.delete(node)
      if (owner.isDeletingDependents) found.check.push(owner)
      else this.#dropIfUseless(owner)
    }
    found.check.push(...node.dependents)
    return found
  }

  #add(identity: Identity, owners: readonly OwnerReference[], metadata: ObjectMeta): Consequences {
    const node = newNode(identity, owners)
    this.#nodes.set(identity.uid, node)
    if (owners.length === 0 && metadata.deletionTimestamp === undefined) return NOTHING
    const found = new Collected()
    for (const owner of owners) this.#link(node, owner, found)
    this.#noteDeletion(node, metadata, found)
    return found
  }

  #link(node: GraphNode, reference: OwnerReference, found: Collected): void {
    let owner = this.#nodes.get(reference.uid)
    if (owner === undefined) {
      owner = newVirtualNode(reference, node.identity.namespace)
      this.#nodes.set(reference.uid, owner)
      found.check.push(owner)
    } else noteDoubt(owner, node, reference, found)
    owner.dependents.add(node)
  }

  /** An owner that was only talked about has appeared, maybe not where its dependents say. */
  #materialize(node: GraphNode, identity: Identity, found: Collected): void {
    node.isVirtual = false
    node.identity = identity
    for (const dependent of node.dependents) {
      const reference = dependent.owners.find(({ uid }) => uid === identity.uid)
      if (reference) noteDoubt(node, dependent, reference, found)
    }
  }

  #relink(node: GraphNode, owners: readonly OwnerReference[], found: Collected): void {
    const before = this.#ownersOf(node)
    for (const owner of before) owner.dependents.delete(node)
    node.owners = owners
    for (const owner of owners) this.#link(node, owner, found)
    for (const owner of before) {
      // It may have waited for just this dependent.
      if (owner.isDeletingDependents) found.check.push(owner)
      else this.#dropIfUseless(owner)
    }
    if (!node.isVirtual) found.check.push(node)
  }

  #noteDeletion(node: GraphNode, metadata: ObjectMeta, found: Collected): void {
    if (metadata.deletionTimestamp === undefined) return
    node.isBeingDeleted = true
    const finalizers = metadata.finalizers ?? []
    const orphans = finalizers.includes(ORPHAN)
    if (orphans && !node.isOrphaningDependents) found.orphan.push(node)
    node.isOrphaningDependents = orphans
    if (!finalizers.includes(FOREGROUND) || node.isDeletingDependents) return
    node.isDeletingDependents = true
    found.check.push(...node.dependents, node)
  }

  #dropIfUseless(owner: GraphNode): void {
    if (owner.isVirtual && owner.dependents.size === 0) this.#nodes.delete(owner.identity.uid)
  }

  #ownersOf(node: GraphNode): GraphNode[] {
    return node.owners.flatMap(({ uid }) => this.#nodes.get(uid) ?? [])
  }
}

/** Dependents whose owner must not go before them. */
export function blockingDependents(node: GraphNode): GraphNode[] {
  const { uid } = node.identity
  return [...node.dependents].filter(({ owners }) =>
    owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
  )
}

const newNode = (identity: Identity, owners: readonly OwnerReference[]): GraphNode => ({
  identity,
  owners,
  dependents: new Set(),
  isVirtual: false,
  isBeingDeleted: false,
  isDeletingDependents: false,
  isOrphaningDependents: false,
})

function newVirtualNode({ apiVersion, kind, name, uid }: OwnerReference, namespace: string) {
  const identity = { ref: undefined, apiVersion, kind, namespace, name, uid }
  return { ...newNode(identity, []), isVirtual: true }
}

/** Who is named by another name than its own may not be the one that is meant. */
function noteDoubt(
  owner: GraphNode,
  dependent: GraphNode,
  reference: OwnerReference,
  { check, misplaced }: Collected,
): void {
  if (isMisplaced(owner, dependent)) misplaced.push(dependent)
  else if (owner.isVirtual || isCalled(owner.identity, reference)) return
  check.push(dependent)
}

const isCalled = (identity: Identity, { apiVersion, kind, name }: OwnerReference): boolean =>
  identity.name === name && identity.kind === kind && identity.apiVersion === apiVersion

/** An owner in a namespace can only own what is in the same one. */
const isMisplaced = (owner: GraphNode, dependent: GraphNode): boolean =>
  !owner.isVirtual &&
  owner.identity.namespace !== '' &&
  owner.identity.namespace !== dependent.identity.namespace

function sameOwners(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  if (a.length !== b.length) return false
  return a.every((owner, index) => {
    const other = b[index]
    return (
      owner.uid === other?.uid &&
      owner.name === other.name &&
      owner.kind === other.kind &&
      Boolean(owner.blockOwnerDeletion) === Boolean(other.blockOwnerDeletion)
    )
  })
}
