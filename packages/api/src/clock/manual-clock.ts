import type { Clock, Timer } from './clock.js'

interface Pending {
  readonly dueMs: number
  readonly order: number
  readonly callback: () => void
}

/**
 * A clock that stands still until told otherwise. Timers run in order of their due time, those of
 * the same moment in the order in which they were set, and never inside `setTimer` itself.
 */
export class ManualClock implements Clock {
  #nowMs: number
  readonly #startMs: number
  #order = 0
  readonly #pending = new Set<Pending>()

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs
    this.#startMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const entry: Pending = {
      dueMs: this.#nowMs + Math.max(delayMs, 0),
      order: this.#order++,
      callback,
    }
    this.#pending.add(entry)
    return { cancel: () => this.#pending.delete(entry) }
  }

  /** When the next timer is due, or undefined when none is set. */
  nextDueMs(): number | undefined {
    return this.#next()?.dueMs
  }

  /** Moves time on by `byMs`, running every timer that falls due, also those set on the way. */
  advance(byMs: number): void {
    const until = this.#nowMs + byMs
    for (let next = this.#next(); next && next.dueMs <= until; next = this.#next()) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      this.#pending.delete(next)
      next.callback()
    }
    this.#nowMs = until
  }

  #next(): Pending | undefined {
    let first: Pending | undefined
    for (const entry of this.#pending) {
      if (!first || entry.dueMs < first.dueMs) first = entry
      else if (entry.dueMs === first.dueMs && entry.order < first.order) first = entry
    }
    return first
  }
}
