import type { Key } from '../client/key-range.js'
import type { WatchEvent } from '../client/store-client.js'
import { IntervalIndex } from './interval-index.js'
import type { Watcher } from './watcher.js'

/** Watchers that want the same events: these are collected once and shared by all of them. */
export class WatcherGroup {
  readonly watchers = new Set<Watcher>()
  /** Of the transaction that is being fanned out; undefined when it has none for this group. */
  events: WatchEvent[] | undefined
  readonly low: string
  readonly high: string
  readonly prevKv: boolean
  readonly noPut: boolean
  readonly noDelete: boolean

  constructor({ low, high, prevKv, noPut, noDelete }: Watcher) {
    this.low = low
    this.high = high
    this.prevKv = prevKv
    this.noPut = noPut
    this.noDelete = noDelete
  }

  hasOptionsOf(watcher: Watcher): boolean {
    return (
      this.prevKv === watcher.prevKv &&
      this.noPut === watcher.noPut &&
      this.noDelete === watcher.noDelete
    )
  }
}

/** Ranges that are kept although nobody watches them just now. */
const IDLE_RANGES_MAX = 256

interface Range {
  readonly low: string
  readonly high: string
}

/**
 * Finds who watches a key. Watchers of single keys are looked up by it; those of ranges are
 * searched as intervals, one for all that watch the same range.
 */
export class WatcherIndex {
  readonly #byKey = new Map<Key, WatcherGroup[]>()
  readonly #byRange = new IntervalIndex<WatcherGroup[]>()
  /** To forget a range costs a pass over all; and a watcher that was paused comes back soon. */
  readonly #idle = new Map<WatcherGroup[], Range>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(watcher: Watcher): void {
    const groups = this.#groupsLike(watcher) ?? this.#newGroups(watcher)
    let group = groups.find((candidate) => candidate.hasOptionsOf(watcher))
    if (group === undefined) {
      group = new WatcherGroup(watcher)
      groups.push(group)
    }
    if (group.watchers.has(watcher)) return
    group.watchers.add(watcher)
    this.#idle.delete(groups)
    this.#size++
  }

  #newGroups(watcher: Watcher): WatcherGroup[] {
    const groups: WatcherGroup[] = []
    if (isSingle(watcher)) this.#byKey.set(watcher.low, groups)
    else this.#byRange.set(watcher.low, watcher.high, groups)
    return groups
  }

  delete(watcher: Watcher): void {
    const groups = this.#groupsLike(watcher)
    const group = groups?.find((candidate) => candidate.hasOptionsOf(watcher))
    if (groups === undefined || !group?.watchers.delete(watcher)) return
    this.#size--
    if (groups.some(({ watchers }) => watchers.size > 0)) return
    if (isSingle(watcher)) {
      this.#byKey.delete(watcher.low)
      return
    }
    this.#idle.set(groups, { low: watcher.low, high: watcher.high })
    if (this.#idle.size > IDLE_RANGES_MAX) this.#forgetIdle()
  }

  #forgetIdle(): void {
    for (const { low, high } of this.#idle.values()) this.#byRange.delete(low, high)
    this.#idle.clear()
  }

  has(watcher: Watcher): boolean {
    return this.#groupsLike(watcher)?.some((group) => group.watchers.has(watcher)) ?? false
  }

  /** Appends the groups that watch `key` to `found`; some may be empty. */
  match(key: Key, found: WatcherGroup[]): void {
    const single = this.#byKey.size === 0 ? undefined : this.#byKey.get(key)
    if (single !== undefined) found.push(...single)
    this.#byRange.stab(key, found)
  }

  *[Symbol.iterator](): Iterator<Watcher> {
    for (const groups of this.#byKey.values()) for (const { watchers } of groups) yield* watchers
    for (const groups of this.#byRange.values()) for (const { watchers } of groups) yield* watchers
  }

  #groupsLike(watcher: Watcher): WatcherGroup[] | undefined {
    return isSingle(watcher)
      ? this.#byKey.get(watcher.low)
      : this.#byRange.get(watcher.low, watcher.high)
  }
}

const isSingle = ({ low, high }: Watcher): boolean =>
  high.length === low.length + 1 && high.endsWith('\0') && high.startsWith(low)
