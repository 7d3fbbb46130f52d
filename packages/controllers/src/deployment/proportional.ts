import type { Deployment, ReplicaSet } from '@miniplane/api'
import { annotations, count } from './annotations.js'
import { byCreation, bySizeNewer, bySizeOlder } from './order.js'
import type { Scaling } from './rolling.js'
import { availableOf, isRolling, maxSurge, sizeOf, totalSize, wantedReplicas } from './sizes.js'

/**
 * The scalings that follow from a new `spec.replicas` alone, while a rollout may be under way:
 * a single live ReplicaSet takes it all; after a finished rollout the old ones go to 0; in the
 * middle of one, each keeps its share, so that the risk stays spread as it was.
 */
export function planScaling(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Scaling[] {
  const only = activeOrLatest(newSet, old)
  if (only) return [{ replicaSet: only, to: wantedReplicas(deployment) }]
  if (isSaturated(deployment, newSet)) {
    return old.filter(isActive).map((replicaSet) => ({ replicaSet, to: 0 }))
  }
  if (!isRolling(deployment)) return []
  return inProportion(deployment, [...old, ...(newSet ? [newSet] : [])].filter(isActive))
}

const isActive = (set: ReplicaSet): boolean => sizeOf(set) > 0

/** The only one with replicas, or, with none at all, the one that should get them. */
function activeOrLatest(
  newSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const active = [...old, ...(newSet ? [newSet] : [])].filter(isActive)
  if (active.length > 1) return undefined
  return active[0] ?? newSet ?? [...old].sort(byCreation).at(-1)
}

/** The new ReplicaSet has everything, and did before this change of size as well. */
function isSaturated(deployment: Deployment, newSet: ReplicaSet | undefined): boolean {
  if (newSet === undefined) return false
  const wanted = wantedReplicas(deployment)
  const desired = count(newSet.metadata.annotations?.[annotations.desiredReplicas])
  return sizeOf(newSet) === wanted && desired === wanted && availableOf(newSet) === wanted
}

function inProportion(deployment: Deployment, active: readonly ReplicaSet[]): Scaling[] {
  const wanted = wantedReplicas(deployment)
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0
  const toAdd = allowed - totalSize(active)
  const sorted = [...active].sort(toAdd > 0 ? bySizeNewer : bySizeOlder)
  let added = 0
  const sizes = sorted.map((set) => {
    const share = shareOf(set, deployment, toAdd, added)
    added += share
    return sizeOf(set) + share
  })
  // Rounding leaves something over: the largest takes it.
  return sorted.map((replicaSet, index) => {
    const leftover = index === 0 ? toAdd - added : 0
    return { replicaSet, to: Math.max((sizes[index] ?? 0) + leftover, 0) }
  })
}

function shareOf(set: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  if (sizeOf(set) === 0 || toAdd === 0 || toAdd === added) return 0
  const fraction = fractionOf(set, deployment)
  const left = toAdd - added
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left)
}

/** What this ReplicaSet would gain (or lose) if all were scaled by the same factor. */
function fractionOf(set: ReplicaSet, deployment: Deployment): number {
  const size = sizeOf(set)
  if (wantedReplicas(deployment) === 0) return -size
  const before =
    count(set.metadata.annotations?.[annotations.maxReplicas]) || deployment.status.replicas || 0
  // Without a size from before there is no factor.
  if (before === 0) return 0
  const now = wantedReplicas(deployment) + maxSurge(deployment)
  return Math.round((size * now) / before) - size
}
