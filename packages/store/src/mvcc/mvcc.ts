import type { Key } from '../client/key-range.js'
import type { KeyValue, LeaseId } from '../client/store-client.js'
import { StoreError } from '../errors.js'
import { KeyIndex } from './key-index.js'
import { KeyRevision, tombstoneOf } from './key-revision.js'
import { RevisionLog } from './revision-log.js'

/** etcd's first revision: an empty store is at 1, and its first transaction makes 2. */
const FIRST_REVISION = 1

/**
 * The multi-version map: every key at every revision since the compact revision.
 *
 * Writes are collected under the revision to come and become a transaction with `commit()`; reads
 * in between see them. One transaction is open at a time, and it is never rolled back: who writes
 * has checked everything before.
 */
export class Mvcc {
  readonly #index: KeyIndex
  readonly #log: RevisionLog
  #revision = FIRST_REVISION
  #compactRevision = -1
  #sizeBytes = 0
  /** Records up to here may be read by a clone as well: compaction leaves them as they are. */
  #sharedRevision = 0
  /** Of the open transaction. */
  #changes: KeyRevision[] = []

  constructor(index = new KeyIndex(), log = new RevisionLog()) {
    this.#index = index
    this.#log = log
  }

  /** The last transaction's. */
  get revision(): number {
    return this.#revision
  }

  /** What an answer from within the open transaction names: the one to come once it has changes. */
  get openRevision(): number {
    return this.#changes.length > 0 ? this.#revision + 1 : this.#revision
  }

  /** -1 until the first compaction. */
  get compactRevision(): number {
    return this.#compactRevision
  }

  get keyCount(): number {
    return this.#index.size
  }

  /** Keys and values of all kept records, with an estimate of what holds them. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get index(): KeyIndex {
    return this.#index
  }

  get log(): RevisionLog {
    return this.#log
  }

  /** The key as it is now. */
  get(key: Key): KeyValue | undefined {
    return this.#index.get(key)?.kv
  }

  put(key: Key, value: Uint8Array, lease: LeaseId): KeyRevision {
    const modRevision = this.#revision + 1
    const previous = this.#index.get(key)
    const kv: KeyValue =
      previous === undefined
        ? { key, value, createRevision: modRevision, modRevision, version: 1, lease }
        : {
            key: previous.kv.key, // one string a key, however often it is written
            value,
            createRevision: previous.kv.createRevision,
            modRevision,
            version: previous.kv.version + 1,
            lease,
          }
    return this.#write(kv, previous ?? this.#index.getDead(key))
  }

  /** Deletes the key that `record` is the newest of. */
  delete(record: KeyRevision): KeyRevision {
    return this.#write(tombstoneOf(record.kv.key, this.#revision + 1), record)
  }

  #write(kv: KeyValue, previous: KeyRevision | undefined): KeyRevision {
    const record = new KeyRevision(kv, this.#changes.length, previous)
    this.#index.set(record)
    this.#log.append(record)
    this.#changes.push(record)
    this.#sizeBytes += record.sizeBytes
    return record
  }

  /** Ends the open transaction and answers its changes; one without any makes no revision. */
  commit(): readonly KeyRevision[] {
    const changes = this.#changes
    if (changes.length > 0) {
      this.#revision++
      this.#changes = []
    }
    return changes
  }

  /** Throws unless the state as of `revision` can be read. */
  assertReadable(revision: number): void {
    if (revision > this.openRevision) {
      throw new StoreError({
        code: 'FutureRevision',
        requestedRevision: revision,
        currentRevision: this.openRevision,
      })
    }
    if (revision > 0 && revision < this.#compactRevision) throw this.#compacted(revision)
  }

  /** Makes everything before `revision` unreadable; `compactSlice` then frees it. */
  compact(revision: number): void {
    if (revision <= this.#compactRevision) throw this.#compacted(revision)
    if (revision > this.#revision) {
      throw new StoreError({
        code: 'FutureRevision',
        requestedRevision: revision,
        currentRevision: this.#revision,
      })
    }
    this.#compactRevision = revision
  }

  /**
   * Frees what the last compaction made unreadable, from at most `limit` log records; answers
   * whether it is done. Each record that lies before the compact revision supersedes the one before
   * it; a tombstone that is still the newest takes the key with it. The compact revision's own
   * records stay, since a watch may begin there.
   */
  compactSlice(limit: number): boolean {
    for (let n = 0; n < limit; n++) {
      const record = this.#log.first()
      if (record === undefined || record.kv.modRevision >= this.#compactRevision) {
        this.#cutCompactRevision()
        return true
      }
      this.#log.dropFirst()
      if (record.kv.modRevision > this.#sharedRevision) this.#cut(record)
      if (record.isTombstone && this.#index.forget(record)) this.#sizeBytes -= chainBytes(record)
    }
    return false
  }

  #cutCompactRevision(): void {
    for (const record of this.#log.read(this.#compactRevision, 1)) {
      const { modRevision } = record.kv
      if (modRevision === this.#compactRevision && modRevision > this.#sharedRevision) {
        this.#cut(record)
      }
    }
  }

  #cut(record: KeyRevision): void {
    this.#sizeBytes -= chainBytes(record.previous)
    record.previous = undefined
  }

  #compacted(requestedRevision: number): StoreError {
    const { compactRevision } = this
    return new StoreError({ code: 'Compacted', requestedRevision, compactRevision })
  }

  /**
   * A second store with the same state and history; each goes its own way from here. Costs a tree
   * root and a list of chunks. Old records that both may read are from now on not cut by
   * compaction: they go when their key is written again and that is compacted.
   */
  clone(): Mvcc {
    const clone = new Mvcc(this.#index.clone(), this.#log.clone())
    clone.#revision = this.#revision
    clone.#compactRevision = this.#compactRevision
    clone.#sizeBytes = this.#sizeBytes
    clone.#sharedRevision = this.#revision
    this.#sharedRevision = this.#revision
    return clone
  }
}

/** What a record and all before it take. */
function chainBytes(newest: KeyRevision | undefined): number {
  let bytes = 0
  for (let record = newest; record !== undefined; record = record.previous) {
    bytes += record.sizeBytes
  }
  return bytes
}
