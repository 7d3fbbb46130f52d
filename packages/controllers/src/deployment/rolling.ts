import type { Deployment, ReplicaSet } from '@miniplane/api'
import { byCreation } from './order.js'
import {
  availableOf,
  isRolling,
  maxSurge,
  maxUnavailable,
  sizeOf,
  sumOf,
  totalSize,
  wantedReplicas,
} from './sizes.js'

/** One ReplicaSet and the size it should get. */
export interface Scaling {
  readonly replicaSet: ReplicaSet
  readonly to: number
}

/**
 * The size that the new ReplicaSet should have next: as much as the surge leaves room for. When
 * not rolling, the old ones are gone by now and it gets everything.
 */
export function nextSizeOfNew(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  currentSize: number,
): number {
  const wanted = wantedReplicas(deployment)
  if (!isRolling(deployment)) return wanted
  const room = wanted + maxSurge(deployment) - totalSize(all)
  if (room <= 0) return currentSize
  return currentSize + Math.min(room, wanted - currentSize)
}

/** Brings the new ReplicaSet nearer to what is wanted; nothing when it has its size. */
export function planNew(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet,
): Scaling | undefined {
  const size = sizeOf(newSet)
  const wanted = wantedReplicas(deployment)
  const to = size > wanted ? wanted : nextSizeOfNew(deployment, all, size)
  return to === size ? undefined : { replicaSet: newSet, to }
}

/**
 * Which old ReplicaSets shrink now, step by step. Pods that never became available go first and
 * cost nothing; then as many available ones as `maxUnavailable` lets go of.
 */
export function planOld(
  deployment: Deployment,
  newSet: ReplicaSet,
  old: readonly ReplicaSet[],
): Scaling[] {
  const oldSize = totalSize(old)
  if (oldSize === 0) return []
  const minAvailable = wantedReplicas(deployment) - maxUnavailable(deployment)
  const newUnavailable = sizeOf(newSet) - availableOf(newSet)
  const removable = oldSize + sizeOf(newSet) - minAvailable - newUnavailable
  if (removable <= 0) return []

  const sorted = [...old].sort(byCreation)
  const sizes = new Map(sorted.map((set) => [set, sizeOf(set)]))
  const unhealthy = (set: ReplicaSet) => Math.max(sizeOf(set) - availableOf(set), 0)
  const available = sumOf([...old, newSet], availableOf)
  return [
    ...shrink(sorted, sizes, removable, unhealthy),
    ...shrink(sorted, sizes, available - minAvailable, (set) => sizes.get(set) ?? 0),
  ]
}

/** Takes `count` replicas in all, from each ReplicaSet in turn at most what it `canLose`. */
function shrink(
  sorted: readonly ReplicaSet[],
  sizes: Map<ReplicaSet, number>,
  count: number,
  canLose: (set: ReplicaSet) => number,
): Scaling[] {
  const steps: Scaling[] = []
  let left = Math.max(count, 0)
  for (const replicaSet of sorted) {
    const removed = Math.min(left, canLose(replicaSet))
    if (removed === 0) continue
    const to = (sizes.get(replicaSet) ?? 0) - removed
    sizes.set(replicaSet, to)
    steps.push({ replicaSet, to })
    left -= removed
  }
  return steps
}
