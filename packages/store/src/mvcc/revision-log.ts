import type { KeyRevision } from './key-revision.js'

const CHUNK_RECORDS = 256

/** Chunks that compaction left with less than this are joined with a neighbour. */
const CHUNK_RECORDS_MIN = CHUNK_RECORDS / 4

/** Records in order. Written only by the log whose mark it bears; others make a copy first. */
interface Chunk {
  readonly owner: object
  readonly records: KeyRevision[]
}

/** A place in the order of all changes. */
export interface Position {
  readonly revision: number
  readonly sub: number
}

/**
 * All kept records in the order in which they were made: first those before the compact revision
 * that are still the newest of a living key, then everything since. (etcd's `key` bucket.) Watchers
 * read it to catch up, compaction to learn what has become old, snapshots as it is. Chunks, so that
 * appending, removing and cloning are cheap.
 */
export class RevisionLog {
  /** None is empty but the last. */
  #chunks: Chunk[]
  #tail: Chunk
  #owner: object
  #size = 0

  constructor() {
    this.#owner = {}
    this.#tail = { owner: this.#owner, records: [] }
    this.#chunks = [this.#tail]
  }

  /** Records. */
  get size(): number {
    return this.#size
  }

  /** About how many of them are from `revision` on: at most so many. */
  sizeFrom(revision: number): number {
    const chunks = this.#chunks.length - this.#chunkOf({ revision, sub: 0 })
    return Math.min(chunks * CHUNK_RECORDS, this.#size)
  }

  append(record: KeyRevision): void {
    if (this.#tail.records.length >= CHUNK_RECORDS) {
      this.#tail = { owner: this.#owner, records: [] }
      this.#chunks.push(this.#tail)
    } else if (this.#tail.owner !== this.#owner) {
      this.#tail = this.#owned(this.#chunks.length - 1)
    }
    this.#tail.records.push(record)
    this.#size++
  }

  /** Answers whether it was there. */
  remove(record: KeyRevision): boolean {
    const position = positionOf(record)
    const c = this.#chunkOf(position)
    const found = this.#chunks[c]
    const i = found === undefined ? 0 : seek(found.records, position)
    if (found?.records[i] !== record) return false
    const { records } = this.#owned(c)
    records.splice(i, 1)
    this.#size--
    if (records.length < CHUNK_RECORDS_MIN) this.#join(c)
    return true
  }

  /**
   * The records from `revision` on, about `limit` of them: the last transaction is always whole.
   * In order of revision, then of place in the transaction.
   */
  read(revision: number, limit: number): KeyRevision[] {
    const records: KeyRevision[] = []
    let lastRevision = 0
    for (const piece of this.pieces({ revision, sub: 0 })) {
      for (const record of piece) {
        if (records.length >= limit && record.kv.modRevision !== lastRevision) return records
        lastRevision = record.kv.modRevision
        records.push(record)
      }
    }
    return records
  }

  /** At most `limit` records, from a position on and up to `lastRevision`. */
  readUpTo(from: Position, lastRevision: number, limit: number): KeyRevision[] {
    const records: KeyRevision[] = []
    for (const piece of this.pieces(from)) {
      for (const record of piece) {
        if (records.length === limit || record.kv.modRevision > lastRevision) return records
        records.push(record)
      }
    }
    return records
  }

  /** All records, or those from a position on, in pieces of a bounded size. */
  *pieces(from: Position = START): Iterable<readonly KeyRevision[]> {
    let c = this.#chunkOf(from)
    let start = seek((this.#chunks[c] as Chunk).records, from)
    for (; c < this.#chunks.length; c++) {
      const { records } = this.#chunks[c] as Chunk
      if (start < records.length) yield start === 0 ? records : records.slice(start)
      start = 0
    }
  }

  clone(): RevisionLog {
    const clone = new RevisionLog()
    clone.#chunks = this.#chunks.slice()
    clone.#tail = this.#tail
    clone.#size = this.#size
    // From now on every chunk belongs to somebody else: whoever writes to one copies it.
    this.#owner = {}
    return clone
  }

  /** The chunk at `c`, to write to. */
  #owned(c: number): Chunk {
    const chunk = this.#chunks[c] as Chunk
    if (chunk.owner === this.#owner) return chunk
    const copy = { owner: this.#owner, records: chunk.records.slice() }
    this.#chunks[c] = copy
    if (chunk === this.#tail) this.#tail = copy
    return copy
  }

  /** Appends the next chunk to the one at `c` when both fit in one, or drops it when it is empty. */
  #join(c: number): void {
    const chunk = this.#chunks[c] as Chunk
    if (chunk === this.#tail) return
    const next = this.#chunks[c + 1] as Chunk
    if (chunk.records.length === 0) {
      this.#chunks.splice(c, 1)
    } else if (next !== this.#tail && chunk.records.length + next.records.length <= CHUNK_RECORDS) {
      chunk.records.push(...next.records)
      this.#chunks.splice(c + 1, 1)
    }
  }

  /** The last chunk that begins at or before the position: if any has what is there, it has. */
  #chunkOf({ revision, sub }: Position): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = (this.#chunks[middle] as Chunk).records[0]
      const isAtOrBefore =
        first !== undefined &&
        (first.kv.modRevision < revision || (first.kv.modRevision === revision && first.sub <= sub))
      if (isAtOrBefore) low = middle
      else high = middle - 1
    }
    return low
  }
}

export const START: Position = { revision: 0, sub: 0 }

const positionOf = ({ kv, sub }: KeyRevision): Position => ({ revision: kv.modRevision, sub })

export const positionAfter = ({ kv, sub }: KeyRevision): Position => ({
  revision: kv.modRevision,
  sub: sub + 1,
})

/** The place of the first record at or behind the position. */
function seek(records: readonly KeyRevision[], { revision, sub }: Position): number {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const record = records[middle] as KeyRevision
    const { modRevision } = record.kv
    if (modRevision < revision || (modRevision === revision && record.sub < sub)) low = middle + 1
    else high = middle
  }
  return low
}
