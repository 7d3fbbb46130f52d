import {
  controllerOf,
  type GroupVersionKind,
  isStatusError,
  type KubeObject,
  type LabelMatcher,
  ownerReferenceFor,
} from '@miniplane/api'
import type { Cache, Client, ResourceRef } from '@miniplane/client'
import { controlledBy, orphansIn } from './indexes.js'

/** What a controller wants to be the owner of. */
export interface Claim<T extends KubeObject> {
  readonly owner: KubeObject
  readonly ownerRef: ResourceRef
  readonly selector: LabelMatcher
  readonly cache: Cache<T>
  readonly dependentRef: ResourceRef<T>
  readonly client: Client
  /** Which objects are worth adopting or letting go; default all. */
  readonly concerns?: (object: T) => boolean
}

/**
 * The dependents of an owner: those it controls and still selects. Adopts orphans that match and
 * lets go of dependents that no longer do; both by a patch that fails if the object is not the
 * one that was seen (its uid). Deleted owners adopt nothing.
 */
export async function claimDependents<T extends KubeObject>(claim: Claim<T>): Promise<T[]> {
  const { owner, selector, cache, concerns = () => true } = claim
  const isDeleted = owner.metadata.deletionTimestamp !== undefined
  const claimed: T[] = []
  const toRelease: T[] = []
  for (const object of controlledBy(cache, owner.metadata.uid ?? '')) {
    if (selector.matches(object.metadata.labels)) claimed.push(object)
    else if (!isDeleted && concerns(object)) toRelease.push(object)
  }
  const toAdopt = isDeleted ? [] : orphansIn(cache, owner.metadata.namespace ?? '').filter(isFree)
  if (toRelease.length === 0 && toAdopt.length === 0) return claimed
  await Promise.all(toRelease.map((object) => release(claim, object)))
  if (toAdopt.length > 0 && (await isStillThere(claim))) {
    const adopted = await Promise.all(toAdopt.map((object) => adopt(claim, object)))
    claimed.push(...adopted.filter((object) => object !== undefined))
  }
  return claimed

  function isFree(object: T): boolean {
    const { deletionTimestamp, labels } = object.metadata
    return deletionTimestamp === undefined && selector.matches(labels) && concerns(object)
  }
}

/** Asks the server: a cache may not know yet that the owner was deleted, or replaced by another. */
async function isStillThere<T extends KubeObject>(claim: Claim<T>): Promise<boolean> {
  const { owner, ownerRef, client } = claim
  const { name = '', namespace = '', uid } = owner.metadata
  try {
    const live = await client.of(ownerRef).get(name, { namespace })
    return live.metadata.uid === uid && live.metadata.deletionTimestamp === undefined
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return false
    throw error
  }
}

async function adopt<T extends KubeObject>(claim: Claim<T>, object: T): Promise<T | undefined> {
  const reference = ownerReferenceFor(claim.owner, claim.ownerRef)
  return patchOwners(claim, object, [reference])
}

async function release<T extends KubeObject>(claim: Claim<T>, object: T): Promise<void> {
  const uid = claim.owner.metadata.uid
  await patchOwners(claim, object, [{ $patch: 'delete', uid }])
}

/** Undefined when the object is gone, or is another one of that name by now. */
async function patchOwners<T extends KubeObject>(
  { client, dependentRef }: Claim<T>,
  object: T,
  ownerReferences: readonly object[],
): Promise<T | undefined> {
  const { name = '', namespace = '', uid } = object.metadata
  const patch = { metadata: { uid, ownerReferences } }
  try {
    return await client.of(dependentRef).patch(name, patch, { type: 'strategic', namespace })
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return undefined
    throw error
  }
}

/** Whether the object's controller is a kind of this group, whatever the version. */
export function ownerKeyOf(object: KubeObject, kind: GroupVersionKind): string | undefined {
  const owner = controllerOf(object)
  if (owner?.kind !== kind.kind || groupOf(owner.apiVersion) !== kind.group) return undefined
  return `${object.metadata.namespace}/${owner.name}`
}

const groupOf = (apiVersion: string): string => {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
