import {
  isEqual,
  type KubeObject,
  type OwnerReference,
  ownerReferenceFor,
  type PersistentVolumeClaim,
  type Pod,
  type StatefulSet,
} from '@miniplane/api'
import { type Cache, keyOf, resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'
import { claimsFor, isReplica, ordinalOf, type StatefulSetObject } from './identity.js'

export type ClaimObject = PersistentVolumeClaim & KubeObject

/** Whether the claims go when the set is deleted, or when it is scaled down. */
function retentionOf({ spec }: StatefulSet) {
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {}
  return { goesWithSet: whenDeleted === 'Delete', goesWithPod: whenScaled === 'Delete' }
}

/**
 * Who the claim is collected with: the set, or, once the set is too small for it, its Pod. Other
 * owners stay; a claim that somebody else controls is not ours to decide about, and a list that is
 * right already comes back itself.
 */
export function claimOwners(
  set: StatefulSetObject,
  pod: KubeObject,
  isCondemned: boolean,
  current: readonly OwnerReference[],
): readonly OwnerReference[] {
  const { goesWithSet, goesWithPod } = retentionOf(set)
  const ours = new Set([set.metadata.uid, pod.metadata.uid])
  const others = current.filter(({ uid }) => !ours.has(uid))
  if (others.some(({ controller }) => controller)) return current
  const wanted =
    goesWithPod && isCondemned
      ? [...others, ownerReferenceFor(pod, resources.pods)]
      : goesWithSet
        ? [...others, ownerReferenceFor(set, resources.statefulSets)]
        : others
  return isEqual(wanted, current) ? current : wanted
}

/** A new claim of a set that takes its claims with it says so from the start. */
export function newClaims(set: StatefulSetObject, ordinal: number): ClaimObject[] {
  const owners = retentionOf(set).goesWithSet
    ? { ownerReferences: [ownerReferenceFor(set, resources.statefulSets)] }
    : {}
  return claimsFor(set, ordinal).map((claim) => ({
    ...claim,
    metadata: { ...claim.metadata, ...owners },
  }))
}

/** Brings the claims' owners in line with the policy; before any of the Pods is deleted. */
export async function syncClaimOwners(
  set: StatefulSetObject,
  pods: readonly (Pod & KubeObject)[],
  claims: Cache<ClaimObject>,
  { client }: Work,
): Promise<void> {
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal === undefined) continue
    for (const { metadata } of claimsFor(set, ordinal)) {
      const claim = claims.get(`${metadata.namespace}/${metadata.name}`)
      if (claim === undefined || claim.metadata.deletionTimestamp) continue
      const current = claim.metadata.ownerReferences ?? []
      const ownerReferences = claimOwners(set, pod, !isReplica(set, ordinal), current)
      if (ownerReferences === current) continue
      const owned = {
        ...claim,
        metadata: { ...claim.metadata, ownerReferences: [...ownerReferences] },
      }
      await client.of(resources.persistentVolumeClaims).update(owned)
    }
  }
}

/** Whether a claim of an earlier Pod of this name is on its way out: a new Pod must not use it. */
export function awaitsOldClaim(
  set: StatefulSetObject,
  ordinal: number,
  claims: Cache<ClaimObject>,
): boolean {
  if (!retentionOf(set).goesWithPod) return false
  return claimsFor(set, ordinal).some(({ metadata }) => {
    const claim = claims.get(`${metadata.namespace}/${metadata.name}`)
    if (claim === undefined) return false
    const isOfPod = (claim.metadata.ownerReferences ?? []).some(({ kind }) => kind === 'Pod')
    return isOfPod || claim.metadata.deletionTimestamp !== undefined
  })
}

/** The sets that could have made a claim of this name. */
export const setsOfClaim = (
  { metadata }: ClaimObject,
  sets: readonly StatefulSetObject[],
): string[] =>
  sets
    .filter((set) =>
      (set.spec.volumeClaimTemplates ?? []).some((template) =>
        metadata.name?.startsWith(`${template.metadata.name}-${set.metadata.name}-`),
      ),
    )
    .map(keyOf)
