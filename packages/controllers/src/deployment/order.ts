import { parseTime, type ReplicaSet } from '@miniplane/api'
import { revisionOf } from './annotations.js'
import { sizeOf } from './sizes.js'

type Order = (a: ReplicaSet, b: ReplicaSet) => number

const created = ({ metadata }: ReplicaSet): number =>
  metadata.creationTimestamp ? parseTime(metadata.creationTimestamp) : 0

const byName: Order = (a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)

/** Oldest first; names decide within the same second. */
export const byCreation: Order = (a, b) => created(a) - created(b) || byName(a, b)

export const byRevision: Order = (a, b) => Number(revisionOf(a) - revisionOf(b))

/** Largest first; among equals the older, so that scaling down begins with what is going anyway. */
export const bySizeOlder: Order = (a, b) => sizeOf(b) - sizeOf(a) || byCreation(a, b)

/** Largest first; among equals the newer, so that scaling up begins with what is to stay. */
export const bySizeNewer: Order = (a, b) => sizeOf(b) - sizeOf(a) || byCreation(b, a)
