import type { Random } from './random.js'

/** Chance that repeats: the same seed gives the same sequence. For tests and simulation only. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  // mulberry32: 32 bits of state, good enough to shuffle a test, never for secrets.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  return {
    next,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  }
}
