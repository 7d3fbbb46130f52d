import type { Clock } from './clock.js'

export interface KeepAliveOptions {
  /** A client that has said nothing for so long is asked for a sign of life. */
  readonly intervalMs: number
  /** How long it may take to answer. */
  readonly timeoutMs: number
}

/** Notices clients that are gone without a word. One timer a connection, however much comes. */
export class KeepAlive {
  readonly #clock: Clock
  readonly #options: KeepAliveOptions
  readonly #ping: () => void
  readonly #onDead: () => void
  #timer: { cancel(): void }
  #isAsked = false
  /** Set by who hears of the client. */
  hasHeard = false

  constructor(clock: Clock, options: KeepAliveOptions, ping: () => void, onDead: () => void) {
    this.#clock = clock
    this.#options = options
    this.#ping = ping
    this.#onDead = onDead
    this.#timer = clock.setTimer(options.intervalMs, this.#due)
  }

  stop(): void {
    this.#timer.cancel()
  }

  readonly #due = (): void => {
    const { intervalMs, timeoutMs } = this.#options
    if (!this.hasHeard && this.#isAsked) {
      this.#onDead()
      return
    }
    this.#isAsked = !this.hasHeard
    this.hasHeard = false
    if (this.#isAsked) this.#ping()
    this.#timer = this.#clock.setTimer(this.#isAsked ? timeoutMs : intervalMs, this.#due)
  }
}
