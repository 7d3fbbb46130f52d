import type { Random } from '../random.js'

/** Chance from a seed: the same seed, the same run. (xoshiro128**, seeded by splitmix32.) */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4)

  constructor(seed: number) {
    let mixed = seed >>> 0
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e37_79b9) >>> 0
      let word = mixed ^ (mixed >>> 16)
      word = Math.imul(word, 0x21f0_aaad)
      word ^= word >>> 15
      word = Math.imul(word, 0x735a_2d97)
      this.#state[i] = word ^ (word >>> 15)
    }
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor((this.#next() / 0x1_0000_0000) * bound)
  }

  /** From `low` on and below `high`. */
  between(low: number, high: number): number {
    return low + this.below(Math.max(1, high - low))
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.#next() / 0x1_0000_0000 < probability
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from')
    return items[this.below(items.length)] as T
  }

  /** A source of its own, so that what uses it does not shift what others get. */
  fork(): SeededRandom {
    return new SeededRandom(this.#next())
  }

  #next(): number {
    const s = this.#state
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = s
    const scrambled = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0
    s[2] = s2 ^ s0
    s[3] = s3 ^ s1
    s[1] = s1 ^ (s[2] ?? 0)
    s[0] = s0 ^ (s[3] ?? 0)
    s[2] = (s[2] ?? 0) ^ (s1 << 9)
    s[3] = rotate(s[3] ?? 0, 11)
    return scrambled
  }
}

const rotate = (word: number, by: number): number => ((word << by) | (word >>> (32 - by))) >>> 0
