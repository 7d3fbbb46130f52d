import { randomFillSync } from 'node:crypto'
import type { Random } from './random.js'

/** Bytes fetched from the operating system at a time; one call costs more than the bytes. */
const POOL_BYTES = 4096

/** The machine's chance, of cryptographic quality. */
export function systemRandom(): Random {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  const take = (length: number): Uint8Array => {
    if (length > POOL_BYTES) return randomFillSync(new Uint8Array(length))
    if (used + length > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    used += length
    return Uint8Array.prototype.slice.call(pool, used - length, used)
  }
  return {
    next() {
      const [a = 0, b = 0, c = 0, d = 0] = take(4)
      return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 0x1_0000_0000
    },
    bytes: take,
  }
}
