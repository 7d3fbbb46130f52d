import { type KeyRange, upperBound } from '../client/key-range.js'
import type { Permission, Role } from '../wire/auth.js'

export type Right = 'read' | 'write'

interface Interval {
  readonly low: string
  /** The first key that is not in it. */
  readonly high: string
}

/**
 * What the roles of one user allow together: for each right, intervals that neither touch nor
 * overlap, in order. A request is allowed when one interval holds all of its range.
 */
export class Rights {
  readonly #read: readonly Interval[]
  readonly #write: readonly Interval[]

  constructor(roles: readonly Role[]) {
    const permissions = roles.flatMap(({ keyPermission }) => keyPermission)
    this.#read = merge(permissions.filter(({ permType }) => permType !== 'write'))
    this.#write = merge(permissions.filter(({ permType }) => permType !== 'read'))
  }

  allow(right: Right, range: KeyRange): boolean {
    const intervals = right === 'read' ? this.#read : this.#write
    const high = upperBound(range)
    return intervals.some((interval) => interval.low <= range.key && high <= interval.high)
  }
}

function merge(permissions: readonly Permission[]): Interval[] {
  const merged: { low: string; high: string }[] = []
  const sorted = permissions
    .map((permission) => ({ low: permission.key, high: upperBound(permission) }))
    .sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0))
  for (const interval of sorted) {
    const last = merged.at(-1)
    if (last === undefined || interval.low > last.high) merged.push(interval)
    else if (interval.high > last.high) last.high = interval.high
  }
  return merged
}
