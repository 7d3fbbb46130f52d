import type { BucketSource } from '../bbolt/entries.js'
import { turn } from '../bbolt/write-database.js'
import { crc32c } from '../checksum/crc32c.js'
import { eventLoopTurn, type YieldTurn } from '../clock.js'
import { BUCKETS, bucketsOf, META } from './schema.js'
import type { StateView } from './state.js'

/** Hashed before others may run: about a millisecond. */
const BYTES_PER_SLICE = 512 * 1024

/** They differ between members that agree on everything else. */
const IGNORED: readonly string[] = [META.consistentIndex, META.term, META.storageVersion]

/** The CRC32C of the database's contents, as etcd's `Maintenance.Hash` answers it. */
export async function hashDatabase(
  view: StateView,
  yieldTurn: YieldTurn = eventLoopTurn,
): Promise<number> {
  const hasher = new BucketHasher(yieldTurn)
  for (const bucket of bucketsOf(view)) await hasher.add(bucket)
  return hasher.hash
}

class BucketHasher {
  readonly #yieldTurn: YieldTurn
  #buffer = Buffer.alloc(64 * 1024)
  #untilTurn = BYTES_PER_SLICE
  hash = 0

  constructor(yieldTurn: YieldTurn) {
    this.#yieldTurn = yieldTurn
  }

  async add({ name, entries }: BucketSource): Promise<void> {
    this.hash = crc32c(Buffer.from(name), this.hash)
    const cursor = entries()
    while (cursor.next()) {
      const { keySize, valueSize } = cursor
      const size = keySize + valueSize
      if (size > this.#buffer.length) this.#buffer = Buffer.alloc(size)
      cursor.copyTo(this.#buffer, 0)
      if (name === BUCKETS.meta && isIgnored(this.#buffer.subarray(0, keySize))) continue
      this.hash = crc32c(this.#buffer.subarray(0, size), this.hash)
      this.#untilTurn -= size
      if (this.#untilTurn > 0) continue
      await turn(this.#yieldTurn)
      this.#untilTurn = BYTES_PER_SLICE
    }
  }
}

const isIgnored = (key: Buffer): boolean => IGNORED.includes(key.toString('latin1'))
