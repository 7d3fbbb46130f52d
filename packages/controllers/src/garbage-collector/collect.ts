import {
  isStatusError,
  type KubeObject,
  type OwnerReference,
  parseGroupVersion,
} from '@miniplane/api'
import type { Client, ResourceRef } from '@miniplane/client'
import type { EveryResource } from '../every-resource/every-resource.js'
import type { AbsentOwners } from './absent-owners.js'
import {
  blockingDependents,
  type Consequences,
  FOREGROUND,
  type GraphNode,
  type Identity,
  ORPHAN,
  type OwnerGraph,
} from './graph.js'
import { limits } from './limits.js'
import { judge, type OwnersState } from './verdict.js'

interface Parts {
  readonly graph: OwnerGraph
  readonly absent: AbsentOwners
  readonly everyResource: EveryResource
  /** Passes on what a change of the graph leads to. */
  readonly follow: (consequences: Consequences) => void
}

/**
 * Acts on single nodes of the graph. The graph may lag behind or be ahead, so nothing is deleted
 * before the server was asked about the object and its owners.
 */
export class Collector {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Deletes the object if nobody owns it any more; lets it go if it waited for its dependents. */
  async check(node: GraphNode, client: Client): Promise<void> {
    // Its deletion is on its way and nobody waits for anything.
    if (node.isBeingDeleted && !node.isDeletingDependents) return
    const { uid, namespace } = node.identity
    const ref = this.#resourceOf(node.identity)
    if (ref === undefined) return this.#unknownKind(node.identity)
    const latest = await read(client, ref, node.identity)
    if (latest === undefined) {
      this.#parts.absent.add(ref.namespaced ? namespace : '', node.identity)
      this.#parts.follow(this.#parts.graph.remove(uid))
      return
    }
    // Seen on the server, so its informer will bring it.
    if (node.isVirtual) return
    if (node.isDeletingDependents) return this.#letGoWhenUnblocked(node, ref, client)
    await this.#collect(node, latest, ref, client)
  }

  /** Takes this owner's name off all its dependents, then lets it go. */
  async orphan(node: GraphNode, client: Client): Promise<void> {
    const { uid } = node.identity
    const dropOwner = async ({ identity }: GraphNode) => {
      const ref = this.#resourceOf(identity)
      const latest = ref && (await read(client, ref, identity))
      if (ref && latest) await dropOwners(client, ref, latest, new Set([uid]))
    }
    await Promise.all([...node.dependents].map(dropOwner))
    const ref = this.#resourceOf(node.identity)
    if (ref) await dropFinalizer(client, ref, node.identity, ORPHAN)
  }

  async #letGoWhenUnblocked(node: GraphNode, ref: ResourceRef, client: Client): Promise<void> {
    const blocking = blockingDependents(node)
    if (blocking.length === 0) return dropFinalizer(client, ref, node.identity, FOREGROUND)
    const check = blocking.filter(({ isDeletingDependents }) => !isDeletingDependents)
    this.#parts.follow({ check, orphan: [], misplaced: [] })
  }

  async #collect(
    node: GraphNode,
    latest: KubeObject,
    ref: ResourceRef,
    client: Client,
  ): Promise<void> {
    const owners = await this.#stateOf(latest, client)
    const verdict = judge(latest, owners, {
      any: node.dependents.size > 0,
      anyDeletingItsOwn: [...node.dependents].some((each) => each.isDeletingDependents),
    })
    if (verdict.action === 'dropOwners') await dropOwners(client, ref, latest, verdict.uids)
    if (verdict.action !== 'delete') return
    const current = verdict.unblock ? await unblockOwners(client, ref, latest) : latest
    const { name = '', namespace = '', uid = '', resourceVersion = '' } = current.metadata
    try {
      await client.of(ref).delete(name, {
        namespace,
        propagationPolicy: verdict.propagation,
        preconditions: { uid, resourceVersion },
      })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }

  async #stateOf({ metadata }: KubeObject, client: Client): Promise<OwnersState> {
    const state = {
      solid: [] as OwnerReference[],
      dangling: [] as OwnerReference[],
      waiting: [] as OwnerReference[],
    }
    for (const reference of metadata.ownerReferences ?? []) {
      const standing = await this.#standingOf(reference, metadata.namespace ?? '', client)
      state[standing].push(reference)
    }
    return state
  }

  async #standingOf(
    reference: OwnerReference,
    namespace: string,
    client: Client,
  ): Promise<keyof OwnersState> {
    const identity = { ...reference, ref: undefined, namespace }
    const ref = this.#resourceOf(identity)
    if (ref === undefined) return this.#unknownKind(identity)
    if (ref.namespaced && namespace === '') {
      throw new Error(`a cluster-scoped object names the namespaced owner ${textOf(identity)}`)
    }
    const ownerNamespace = ref.namespaced ? namespace : ''
    if (this.#parts.absent.has(ownerNamespace, reference)) return 'dangling'
    const owner = await read(client, ref, { ...identity, namespace: ownerNamespace })
    if (owner === undefined) {
      this.#parts.absent.add(ownerNamespace, reference)
      return 'dangling'
    }
    const { deletionTimestamp, finalizers = [] } = owner.metadata
    return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND) ? 'waiting' : 'solid'
  }

  #resourceOf({ ref, apiVersion, kind }: Identity): ResourceRef | undefined {
    if (ref) return ref
    return this.#parts.everyResource.byKind({ group: parseGroupVersion(apiVersion).group, kind })
  }

  /** It may be served by now, or never; the next try, after a pause, will show. */
  #unknownKind(identity: Identity): never {
    void this.#parts.everyResource.refresh()
    throw new Error(`unable to get REST mapping for ${identity.apiVersion}/${identity.kind}.`)
  }
}

const textOf = ({ apiVersion, kind, namespace, name, uid }: Identity): string =>
  `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`

/** Undefined when it is not there, or is another one of that name. */
async function read(
  client: Client,
  ref: ResourceRef,
  { name, namespace, uid }: Identity,
): Promise<KubeObject | undefined> {
  try {
    const object = await client.of(ref).get(name, ref.namespaced ? { namespace } : {})
    return object.metadata.uid === uid ? object : undefined
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  }
}

/** With the resourceVersion, so that what was decided on is what is changed. */
async function patchMetadata(
  client: Client,
  ref: ResourceRef,
  { metadata }: KubeObject,
  change: object,
): Promise<KubeObject> {
  const { name = '', namespace = '', uid, resourceVersion } = metadata
  const patch = { metadata: { uid, resourceVersion, ...change } }
  return client.of(ref).patch(name, patch, { type: 'merge', namespace })
}

async function dropOwners(
  client: Client,
  ref: ResourceRef,
  latest: KubeObject,
  uids: ReadonlySet<string>,
): Promise<void> {
  const owners = latest.metadata.ownerReferences ?? []
  const ownerReferences = owners.filter(({ uid }) => !uids.has(uid))
  if (ownerReferences.length === owners.length) return
  await patchMetadata(client, ref, latest, { ownerReferences })
}

/** Others write to an object that is going as well: a conflict is worth another try at once. */
async function dropFinalizer(
  client: Client,
  ref: ResourceRef,
  identity: Identity,
  finalizer: string,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const latest = await read(client, ref, identity)
    const finalizers = latest?.metadata.finalizers ?? []
    if (latest === undefined || !finalizers.includes(finalizer)) return
    const kept = finalizers.filter((each) => each !== finalizer)
    try {
      await patchMetadata(client, ref, latest, { finalizers: kept })
      return
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return
      if (!isStatusError(error, 'Conflict') || tries >= limits.finalizerTries) throw error
    }
  }
}

const unblockOwners = (client: Client, ref: ResourceRef, latest: KubeObject) => {
  const owners = latest.metadata.ownerReferences ?? []
  const ownerReferences = owners.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
  return patchMetadata(client, ref, latest, { ownerReferences })
}
