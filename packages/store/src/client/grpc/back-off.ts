import type { Clock, Timer } from '../../clock.js'

/** How long to wait before the next try: doubled with each failure, up to a bound. */
export const backOffMs = (
  failures: number,
  { retryMinMs, retryMaxMs }: { readonly retryMinMs: number; readonly retryMaxMs: number },
): number => Math.min(retryMinMs * 2 ** Math.min(failures, 20), retryMaxMs)

/** Waits on the clock. Whoever calls `stop` has the waiters go on at once. */
export class Waits {
  readonly #clock: Clock
  readonly #waiting = new Map<Timer, () => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(delayMs, () => {
        this.#waiting.delete(timer)
        resolve()
      })
      this.#waiting.set(timer, resolve)
    })
  }

  /** Waits for the work, but not longer; answers whether it was done in time. */
  async atMost(limitMs: number, work: Promise<unknown>): Promise<boolean> {
    let timer: Timer | undefined
    const late = new Promise<boolean>((resolve) => {
      const giveUp = () => resolve(false)
      timer = this.#clock.setTimer(limitMs, giveUp)
      this.#waiting.set(timer, giveUp)
    })
    try {
      return await Promise.race([work.then(() => true), late])
    } finally {
      timer?.cancel()
      if (timer !== undefined) this.#waiting.delete(timer)
    }
  }

  stop(): void {
    for (const [timer, resolve] of this.#waiting) {
      timer.cancel()
      resolve()
    }
    this.#waiting.clear()
  }
}
