import type { Deployment, ReplicaSet } from '@miniplane/api'
import { byRevision } from './order.js'
import { sizeOf } from './sizes.js'

const UNLIMITED = 2 ** 31 - 1

/** Old ReplicaSets beyond `revisionHistoryLimit` that nobody needs any more, oldest first. */
export function expiredSets<T extends ReplicaSet>({ spec }: Deployment, old: readonly T[]): T[] {
  const limit = spec.revisionHistoryLimit
  if (limit === undefined || limit === UNLIMITED) return []
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const surplus = Math.max(alive.length - limit, 0)
  return alive.sort(byRevision).slice(0, surplus).filter(isUnused)
}

const isUnused = (set: ReplicaSet): boolean =>
  set.status.replicas === 0 &&
  sizeOf(set) === 0 &&
  (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0)
