import type { KeyValue } from '../client/store-client.js'
import { KeyIndex } from './key-index.js'
import { KeyRevision, tombstoneOf } from './key-revision.js'
import { type Bounds, Mvcc } from './mvcc.js'
import { RevisionLog } from './revision-log.js'

/** A record as a database has it. */
export interface StoredRecord {
  readonly revision: number
  readonly sub: number
  readonly isTombstone: boolean
  /** Of a tombstone only the key counts. Kept, not copied. */
  readonly kv: KeyValue
}

/** Builds a store from its records: each costs about what a put does, and the end nothing. */
export class MvccLoader {
  readonly #index = new KeyIndex()
  readonly #log = new RevisionLog()
  #sizeBytes = 0
  #lastRevision = 0
  #lastSub = -1

  /** In order of revision and place in the transaction. Throws a RangeError for what can't be. */
  add({ revision, sub, isTombstone, kv }: StoredRecord): void {
    this.#assertNext(revision, sub)
    if (!isTombstone && (kv.modRevision !== revision || kv.version < 1)) {
      throw new RangeError(
        `record ${revision}/${sub} is of revision ${kv.modRevision} and version ${kv.version}`,
      )
    }
    const previous = this.#index.get(kv.key) ?? this.#index.getDead(kv.key)
    const kept = isTombstone ? tombstoneOf(kv.key, revision) : kv
    const record = new KeyRevision(kept, sub, previous)
    this.#index.set(record)
    this.#log.append(record)
    this.#sizeBytes += record.sizeBytes
  }

  #assertNext(revision: number, sub: number): void {
    const isNext =
      revision > this.#lastRevision || (revision === this.#lastRevision && sub > this.#lastSub)
    if (!isNext) {
      const last = `${this.#lastRevision}/${this.#lastSub}`
      throw new RangeError(`record ${revision}/${sub} comes after ${last}`)
    }
    this.#lastRevision = revision
    this.#lastSub = sub
  }

  /** What the last compaction left over has still to be freed: see `Mvcc.isCompacted`. */
  finish(bounds: Bounds): Mvcc {
    return Mvcc.loaded(this.#index, this.#log, this.#sizeBytes, bounds)
  }
}
