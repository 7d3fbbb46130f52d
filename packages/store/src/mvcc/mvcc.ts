import type { Key } from '../client/key-range.js'
import type { KeyValue, LeaseId } from '../client/store-client.js'
import { StoreError } from '../errors.js'
import { KeyIndex } from './key-index.js'
import { KeyRevision, tombstoneOf } from './key-revision.js'
import { type Position, positionAfter, RevisionLog, START } from './revision-log.js'

/** etcd's first revision: an empty store is at 1, and its first transaction makes 2. */
const FIRST_REVISION = 1

/** Those that share records: only who is alone may change what an older record refers to. */
interface Family {
  size: number
}

/**
 * The multi-version map: every key at every revision since the compact revision.
 *
 * Writes are collected under the revision to come and become a transaction with `commit()`; reads
 * in between see them. One transaction is open at a time, and it is never rolled back: who writes
 * has checked everything before.
 */
export class Mvcc {
  #index: KeyIndex
  #log: RevisionLog
  #family: Family
  #revision = FIRST_REVISION
  #compactRevision = -1
  #sizeBytes = 0
  /** Compaction has still to look at the records from here on. */
  #compactFrom: Position = START
  /** Records up to here may be read by the rest of the family. */
  #sharedRevision = 0
  /** Superseded records hang on these, for as long as the family reads them. */
  #uncut: KeyRevision[] = []
  /** Of the open transaction. */
  #changes: KeyRevision[] = []

  constructor(index = new KeyIndex(), log = new RevisionLog(), family: Family = { size: 1 }) {
    this.#index = index
    this.#log = log
    this.#family = family
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

  /**
   * Keys from `low` on and below `high` that existed as of `revision`, which must be readable. From
   * what exists now and what has come and gone since, unless more has than there is.
   */
  countAt(low: Key, high: string, revision: number): number {
    let count = this.#index.count(low, high)
    const effort = this.#log.sizeFrom(revision + 1)
    if (effort > 2 * count)
      return this.#index.rangeAt(low, high, revision, Number.POSITIVE_INFINITY).length
    for (const piece of this.#log.pieces({ revision: revision + 1, sub: 0 })) {
      for (const { kv, isTombstone } of piece) {
        if (kv.key < low || kv.key >= high) continue
        if (isTombstone) count++
        else if (kv.version === 1) count--
      }
    }
    return count
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

  /** Throws unless the state as of `revision` can be read; 0: the present, which always can. */
  assertReadable(revision: number): void {
    if (revision > this.openRevision) {
      throw new StoreError({
        code: 'FutureRevision',
        requestedRevision: revision,
        currentRevision: this.openRevision,
      })
    }
    if (revision !== 0 && revision < this.#compactRevision) throw this.#compacted(revision)
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
    // The last one's own records are old now as well.
    if (this.#compactFrom.revision > this.#compactRevision) {
      this.#compactFrom = { revision: this.#compactRevision, sub: 0 }
    }
    this.#compactRevision = revision
  }

  /** Whether nothing is left that the last compaction made unreadable. */
  get isCompacted(): boolean {
    return this.#compactFrom.revision > this.#compactRevision
  }

  /**
   * Frees what the last compaction made unreadable, from at most `limit` records; answers whether
   * it is done. Each record up to the compact revision supersedes the one before it; a tombstone
   * before it takes itself away, and the key too if it is still the newest. A tombstone of the
   * compact revision itself stays, since a watch may begin there.
   */
  compactSlice(limit: number): boolean {
    if (this.#cutLeftovers(limit)) return false
    const records = this.#log.readUpTo(this.#compactFrom, this.#compactRevision, limit)
    for (const record of records) {
      if (record.previous !== undefined) this.#supersede(record, record.previous)
      if (record.isTombstone && record.kv.modRevision < this.#compactRevision) {
        this.#index.forget(record)
        this.#drop(record)
      }
    }
    const last = records.at(-1)
    if (last !== undefined) this.#compactFrom = positionAfter(last)
    if (records.length === limit) return false
    this.#compactFrom = { revision: this.#compactRevision + 1, sub: 0 }
    return true
  }

  #supersede(record: KeyRevision, previous: KeyRevision): void {
    this.#drop(previous)
    if (this.#family.size === 1 || record.kv.modRevision > this.#sharedRevision) {
      record.previous = undefined
    } else {
      this.#uncut.push(record)
    }
  }

  /** Unless it is gone already, as a tombstone may be. */
  #drop(record: KeyRevision): void {
    if (this.#log.remove(record)) this.#sizeBytes -= record.sizeBytes
  }

  /** Those of the time when others read them; answers whether there may be more. */
  #cutLeftovers(limit: number): boolean {
    if (this.#family.size > 1) return false
    for (let n = 0; n < limit; n++) {
      const record = this.#uncut.pop()
      if (record === undefined) return false
      record.previous = undefined
    }
    return true
  }

  #compacted(requestedRevision: number): StoreError {
    const { compactRevision } = this
    return new StoreError({ code: 'Compacted', requestedRevision, compactRevision })
  }

  /** Every kept record, in order of revision and of place in the transaction. */
  *records(): Iterable<KeyRevision> {
    for (const piece of this.#log.pieces()) yield* piece
  }

  /** The same, a few hundred at a time. */
  recordPieces(): Iterable<readonly KeyRevision[]> {
    return this.#log.pieces()
  }

  /** How many there are. */
  get recordCount(): number {
    return this.#log.size
  }

  /**
   * A second store with the same state and history; each goes its own way from here. Costs a tree
   * root and a list of chunks. As long as there are both, what compaction supersedes in one is kept
   * for the other; so `release()` whichever is no longer used.
   */
  clone(): Mvcc {
    this.#family.size++
    const clone = new Mvcc(this.#index.clone(), this.#log.clone(), this.#family)
    clone.#revision = this.#revision
    clone.#compactRevision = this.#compactRevision
    clone.#compactFrom = this.#compactFrom
    clone.#uncut = this.#uncut.slice()
    clone.#sizeBytes = this.#sizeBytes
    clone.#sharedRevision = this.#revision
    this.#sharedRevision = this.#revision
    return clone
  }

  /** Becomes what `other` is, which nobody may use any more: the state was replaced. */
  restore(other: Mvcc): void {
    this.release()
    this.#index = other.#index
    this.#log = other.#log
    this.#family = other.#family
    this.#revision = other.#revision
    this.#compactRevision = other.#compactRevision
    this.#compactFrom = other.#compactFrom
    this.#sizeBytes = other.#sizeBytes
    this.#sharedRevision = other.#sharedRevision
    this.#uncut = other.#uncut
    this.#changes = []
  }

  /** Nobody uses this one any more, other than to read what it has. */
  release(): void {
    this.#family.size--
    // Never alone: whatever it does from here on leaves the others' records as they are.
    this.#family = { size: 2 }
  }

  /** @internal For `MvccLoader`, which fills the index and the log. */
  static loaded(index: KeyIndex, log: RevisionLog, sizeBytes: number, bounds: Bounds): Mvcc {
    const mvcc = new Mvcc(index, log)
    mvcc.#revision = bounds.revision
    mvcc.#compactRevision = bounds.compactRevision
    mvcc.#sizeBytes = sizeBytes
    return mvcc
  }
}

export interface Bounds {
  readonly revision: number
  /** -1: never compacted. */
  readonly compactRevision: number
}
