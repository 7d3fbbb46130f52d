import { limits } from '../limits.js'

const FIRST_MS = 5

/** Exponential pauses a key: 5 ms, 10 ms, 20 ms, … up to `limits.backoffMaxMs`. */
export class Backoff {
  readonly #failures = new Map<string, number>()

  /** Counts one more failure and says how long to wait before the next try. */
  nextMs(key: string): number {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    return Math.min(FIRST_MS * 2 ** failures, limits.backoffMaxMs)
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }
}
