import type { Clock } from './clock.js'

/** A bucket of patience that fills up within a second. */
export class Nuisances {
  readonly #clock: Clock
  readonly #perSecondMax: number
  #left: number
  #filledMs: number

  constructor(clock: Clock, perSecondMax: number) {
    this.#clock = clock
    this.#perSecondMax = perSecondMax
    this.#left = perSecondMax
    this.#filledMs = clock.now()
  }

  /** False: it is too much. */
  admit(): boolean {
    if (this.#left < 1) {
      const nowMs = this.#clock.now()
      const elapsedMs = Math.max(0, nowMs - this.#filledMs)
      this.#left = Math.min(this.#perSecondMax, (elapsedMs / 1000) * this.#perSecondMax)
      this.#filledMs = nowMs
    }
    this.#left--
    return this.#left >= 0
  }
}
