import type { KeyRevision } from './key-revision.js'

const CHUNK_RECORDS = 256

/**
 * All changes in the order in which they were made, from the compact revision on: what watchers
 * read to catch up, and what tells compaction what has become old. Chunks, so that appending,
 * dropping the oldest and cloning are cheap.
 */
export class RevisionLog {
  #chunks: KeyRevision[][] = [[]]
  #tail: KeyRevision[] = this.#chunks[0] as KeyRevision[]
  /** Records of the first chunk that are dropped already. */
  #dropped = 0

  append(record: KeyRevision): void {
    if (this.#tail.length === CHUNK_RECORDS) {
      this.#tail = []
      this.#chunks.push(this.#tail)
    }
    this.#tail.push(record)
  }

  first(): KeyRevision | undefined {
    return this.#chunks[0]?.[this.#dropped]
  }

  dropFirst(): void {
    this.#dropped++
    if (this.#dropped < CHUNK_RECORDS) return
    // A full chunk; the tail stays a chunk even when it is empty.
    this.#dropped = 0
    this.#chunks.shift()
    if (this.#chunks.length === 0) {
      this.#tail = []
      this.#chunks.push(this.#tail)
    }
  }

  /**
   * The records from `revision` on, about `limit` of them: the last transaction is always whole.
   * In order of revision, then of place in the transaction.
   */
  read(revision: number, limit: number): KeyRevision[] {
    const records: KeyRevision[] = []
    let lastRevision = 0
    let start = this.#seek(revision)
    for (let c = Math.floor(start / CHUNK_RECORDS); c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c] as KeyRevision[]
      for (let i = start % CHUNK_RECORDS; i < chunk.length; i++) {
        const record = chunk[i] as KeyRevision
        if (records.length >= limit && record.kv.modRevision !== lastRevision) return records
        lastRevision = record.kv.modRevision
        records.push(record)
      }
      start = 0
    }
    return records
  }

  clone(): RevisionLog {
    const clone = new RevisionLog()
    clone.#chunks = this.#chunks.slice()
    // Each appends to a tail of its own; full chunks are never written again.
    clone.#tail = this.#tail.slice()
    clone.#chunks[clone.#chunks.length - 1] = clone.#tail
    clone.#dropped = this.#dropped
    return clone
  }

  /** The place of the first record at or after `revision`. */
  #seek(revision: number): number {
    let low = this.#dropped
    let high = (this.#chunks.length - 1) * CHUNK_RECORDS + this.#tail.length
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const chunk = this.#chunks[Math.floor(middle / CHUNK_RECORDS)] as KeyRevision[]
      const record = chunk[middle % CHUNK_RECORDS] as KeyRevision
      if (record.kv.modRevision < revision) low = middle + 1
      else high = middle
    }
    return low
  }
}
