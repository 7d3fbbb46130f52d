import type { Key } from '../client/key-range.js'
import type { KeyValue } from '../client/store-client.js'

const NO_VALUE = new Uint8Array(0)

/** What a record costs besides its key and value: itself, its KeyValue, its places in the trees. */
const RECORD_OVERHEAD_BYTES = 192

/**
 * What one revision did to one key: a put or, as a tombstone, a deletion. Immutable but for
 * `previous`, which compaction cuts.
 *
 * A key's records form a chain from the newest to the oldest. Its life, told by the revisions:
 * ```
 * put@2, put@5, delete@7, put@9:     9 → 7† → 5 → 2
 *   generation 1 is {2, 5, 7†}, generation 2 is {9}
 * compact(5):                        9 → 7† → 5            2 is unreadable: 5 supersedes it
 * compact(8):                        9 → 7†                at 8 the key does not exist
 * compact(9):                        9
 * ```
 * Had the chain ended with 7†, then compact(8) would have taken the key away altogether.
 */
export class KeyRevision {
  readonly kv: KeyValue
  /** The place among the changes of its transaction. */
  readonly sub: number
  previous: KeyRevision | undefined

  constructor(kv: KeyValue, sub: number, previous: KeyRevision | undefined) {
    this.kv = kv
    this.sub = sub
    this.previous = previous
  }

  get isTombstone(): boolean {
    return this.kv.version === 0
  }

  get sizeBytes(): number {
    return this.kv.key.length + this.kv.value.length + RECORD_OVERHEAD_BYTES
  }

  /** What the key was before this change, if it was. */
  get prevKv(): KeyValue | undefined {
    const { previous } = this
    return previous === undefined || previous.isTombstone ? undefined : previous.kv
  }

  /** The key as of `revision`: the newest record not above it; undefined when it did not exist. */
  at(revision: number): KeyRevision | undefined {
    let record: KeyRevision | undefined = this
    while (record !== undefined && record.kv.modRevision > revision) record = record.previous
    return record === undefined || record.isTombstone ? undefined : record
  }
}

/** A tombstone's kv: the key and the revision that deleted it, as etcd's delete events have it. */
export const tombstoneOf = (key: Key, modRevision: number): KeyValue => ({
  key,
  value: NO_VALUE,
  createRevision: 0,
  modRevision,
  version: 0,
  lease: 0n,
})

export const withoutValue = (kv: KeyValue): KeyValue => ({ ...kv, value: NO_VALUE })
