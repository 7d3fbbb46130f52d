import type { Key } from '../client/key-range.js'
import type { KeyRevision } from './key-revision.js'
import { OrderedMap } from './ordered-map.js'

/**
 * Every key's newest record, in key order. Keys that exist are apart from those whose newest record
 * is a tombstone, so that reading the present costs what it answers, however many deletions wait
 * for a compaction.
 */
export class KeyIndex {
  readonly #live: OrderedMap<KeyRevision>
  readonly #dead: OrderedMap<KeyRevision>
  /** The last key that was found: a write compares, reads and replaces the same one. */
  #recent: KeyRevision | undefined

  constructor(live = new OrderedMap<KeyRevision>(), dead = new OrderedMap<KeyRevision>()) {
    this.#live = live
    this.#dead = dead
  }

  /** Keys that exist. */
  get size(): number {
    return this.#live.size
  }

  /** The newest record of a key that exists. */
  get(key: Key): KeyRevision | undefined {
    const recent = this.#recent
    if (recent !== undefined && recent.kv.key === key) return recent
    const found = this.#live.get(key)
    this.#recent = found
    return found
  }

  /** The newest record of a key that does not exist, but did. */
  getDead(key: Key): KeyRevision | undefined {
    return this.#dead.size === 0 ? undefined : this.#dead.get(key)
  }

  /** Makes `record` the newest of its key. */
  set(record: KeyRevision): void {
    const { key } = record.kv
    if (record.isTombstone) {
      this.#recent = undefined
      this.#live.delete(key)
      this.#dead.set(key, record)
      return
    }
    this.#recent = record
    const isNew = this.#live.set(key, record)
    if (isNew && record.previous !== undefined) this.#dead.delete(key)
  }

  /** Forgets a key whose newest record is this tombstone. */
  forget(tombstone: KeyRevision): boolean {
    const { key } = tombstone.kv
    return this.#dead.get(key) === tombstone && this.#dead.delete(key)
  }

  /** Keys from `low` on and below `high` that exist. */
  count(low: Key, high: string): number {
    return this.#live.count(low, high)
  }

  /** The newest records of the keys that exist, at most `limit`. */
  range(low: Key, high: string, limit = Number.POSITIVE_INFINITY): KeyRevision[] {
    const records: KeyRevision[] = []
    this.#live.forRange(low, high, (record) => records.push(record) < limit)
    return records
  }

  /** The newest records of all keys that exist. */
  all(): Iterable<KeyRevision> {
    return this.#live.values()
  }

  /** Whether no key existed as of `revision`, which must be readable. */
  isEmptyAt(revision: number): boolean {
    for (const record of this.#live.values()) if (record.at(revision) !== undefined) return false
    for (const record of this.#dead.values()) if (record.at(revision) !== undefined) return false
    return true
  }

  /** The records that were the newest as of `revision`, at most `limit`. */
  rangeAt(low: Key, high: string, revision: number, limit: number): KeyRevision[] {
    const records = collectAt(this.#live, low, high, revision, limit)
    if (this.#dead.size === 0) return records
    // Keys that do not exist any more, as far as they come before the last one that counts.
    const last = records.length < limit ? undefined : records.at(-1)?.kv.key
    const dead = collectAt(this.#dead, low, last ?? high, revision, limit)
    if (dead.length === 0) return records
    const all = [...records, ...dead].sort(byKey)
    if (all.length > limit) all.length = limit
    return all
  }

  /** O(1): both share their nodes and copy what they write. */
  clone(): KeyIndex {
    return new KeyIndex(this.#live.clone(), this.#dead.clone())
  }
}

function collectAt(
  index: OrderedMap<KeyRevision>,
  low: Key,
  high: string,
  revision: number,
  limit: number,
): KeyRevision[] {
  const records: KeyRevision[] = []
  index.forRange(low, high, (newest) => {
    const found = newest.at(revision)
    return found === undefined || records.push(found) < limit
  })
  return records
}

const byKey = (a: KeyRevision, b: KeyRevision): number => (a.kv.key < b.kv.key ? -1 : 1)
