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

/** Builds a store from its records. */
export class MvccLoader {
  readonly #log = new RevisionLog()
  #records: KeyRevision[] = []

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
    const kept = isTombstone ? tombstoneOf(kv.key, revision) : kv
    const record = new KeyRevision(kept, sub, undefined)
    this.#log.append(record)
    this.#records.push(record)
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
    const index = new KeyIndex()
    // Sorting is stable: the records of a key stay in their order, and the tree grows at its end.
    const records = this.#records.sort(byKey)
    this.#records = []
    let newest: KeyRevision | undefined
    for (const record of records) {
      if (newest?.kv.key === record.kv.key) record.previous = newest
      else if (newest !== undefined) index.set(newest)
      newest = record
    }
    if (newest !== undefined) index.set(newest)
    return Mvcc.loaded(index, this.#log, bounds)
  }
}

const byKey = ({ kv: a }: KeyRevision, { kv: b }: KeyRevision): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0
