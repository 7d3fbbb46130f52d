import { randomFillSync } from 'node:crypto'
import type { Random } from './random.js'

/** Bytes fetched from the operating system at a time; one call costs more than the bytes. */
const POOL_BYTES = 4096

/** The machine's chance, of cryptographic quality. */
export function systemRandom(): Random {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  /** Where in the pool so many bytes begin that nobody has had. */
  const take = (length: number): number => {
    if (used + length > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    used += length
    return used - length
  }
  return {
    next: () => pool.readUInt32BE(take(4)) / 0x1_0000_0000,
    bytes(length) {
      if (length > POOL_BYTES) return randomFillSync(new Uint8Array(length))
      const at = take(length)
      return Uint8Array.prototype.slice.call(pool, at, at + length)
    },
  }
}
