import type { Clock } from './clock.js'

/** A clock that stands still until it is moved; timers run in the order of their due times. */
export class HeldClock implements Clock {
  #nowMs = 1_700_000_000_000
  readonly #pending = new Set<{ readonly dueMs: number; readonly callback: () => void }>()

  now(): number {
    return this.#nowMs
  }

  get pendingTimers(): number {
    return this.#pending.size
  }

  setTimer(delayMs: number, callback: () => void): { cancel(): void } {
    const entry = { dueMs: this.#nowMs + delayMs, callback }
    this.#pending.add(entry)
    return { cancel: () => this.#pending.delete(entry) }
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (;;) {
      const [next] = [...this.#pending]
        .filter(({ dueMs }) => dueMs <= untilMs)
        .sort((a, b) => a.dueMs - b.dueMs)
      if (next === undefined) break
      this.#nowMs = next.dueMs
      this.#pending.delete(next)
      next.callback()
    }
    this.#nowMs = untilMs
  }
}

/** A clock that goes. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Lets the event loop turn until what was said within the process has been heard and answered. */
export async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
