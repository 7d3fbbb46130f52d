import { type ManagedSet, parseTime } from '@miniplane/api'
import { identifierOf } from './identity.js'
import type { Managed } from './managed.js'

/** Entries of updaters that an object keeps apart; appliers are not counted. */
const UPDATERS_MAX = 10
/** Who owns what older updaters owned, one for each version. */
const OLD_UPDATES = 'ancient-changes'

/** Keeps the number of updaters in bounds: those that wrote longest ago become one. */
export function capUpdaters(managed: Managed): Managed {
  if (managed.sets.size <= UPDATERS_MAX) return managed
  const updaters = [...managed.sets].filter(([, { isApplied }]) => !isApplied)
  if (updaters.length <= UPDATERS_MAX) return managed
  const secondsOf = (identifier: string) => {
    const time = managed.times.get(identifier)
    return time === undefined ? 0 : Math.floor(parseTime(time) / 1000)
  }
  updaters.sort(([a], [b]) => secondsOf(a) - secondsOf(b) || (a < b ? -1 : 1))
  const sets = new Map(managed.sets)
  const times = new Map(managed.times)
  /** The first of each version is renamed only when a second one joins it. */
  const firsts = new Map<string, string>()
  let count = updaters.length
  for (const [identifier, { apiVersion, isApplied, fields }] of updaters) {
    if (count <= UPDATERS_MAX) break
    const first = firsts.get(apiVersion)
    if (first === undefined) {
      firsts.set(apiVersion, identifier)
      continue
    }
    const bucket = identifierOf({ manager: OLD_UPDATES, operation: 'Update', apiVersion })
    const gathered = sets.get(bucket) ?? (sets.get(first) as ManagedSet)
    if (!sets.has(bucket)) sets.delete(first)
    sets.delete(identifier)
    sets.set(bucket, { apiVersion, isApplied, fields: gathered.fields.union(fields) })
    const time = managed.times.get(identifier)
    if (time === undefined) times.delete(bucket)
    else times.set(bucket, time)
    count--
  }
  return { ...managed, sets, times }
}
