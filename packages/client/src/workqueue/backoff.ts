import { limits } from '../limits.js'

/** The first pause after a failure, and the longest. */
export interface Pauses {
  readonly firstMs: number
  readonly maxMs: number
}

const DEFAULT: Pauses = { firstMs: 5, maxMs: limits.backoffMaxMs }

/** Exponential pauses a key: by default 5 ms, 10 ms, 20 ms, … up to `limits.backoffMaxMs`. */
export class Backoff {
  readonly #failures = new Map<string, number>()
  readonly #pauses: Pauses

  constructor(pauses: Pauses = DEFAULT) {
    this.#pauses = pauses
  }

  /** Counts one more failure and says how long to wait before the next try. */
  nextMs(key: string): number {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    return Math.min(this.#pauses.firstMs * 2 ** failures, this.#pauses.maxMs)
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }
}
