import type { Clock } from './clock.js'
import { KeepAlive, type KeepAliveOptions } from './keep-alive.js'

export interface LifetimeOptions {
  readonly clock: Clock
  readonly keepAlive?: KeepAliveOptions | undefined
  readonly idleTimeoutMs?: number | undefined
}

/** What is done when time has passed. */
export interface LifetimeActions {
  ping(): void
  destroy(): void
  close(): void
  isIdle(): boolean
}

/** The timers of a connection. */
export class Lifetime {
  readonly #options: LifetimeOptions
  readonly #actions: LifetimeActions
  readonly #keepAlive: KeepAlive | undefined
  /** What is waited for: one thing at a time, from the handshake to the end. */
  #step: { cancel(): void } | undefined
  #idle: { cancel(): void } | undefined
  #wasBusy = false

  constructor(options: LifetimeOptions, actions: LifetimeActions) {
    const { clock, keepAlive, idleTimeoutMs } = options
    this.#options = options
    this.#actions = actions
    this.#keepAlive =
      keepAlive && new KeepAlive(clock, keepAlive, actions.ping, () => actions.destroy())
    if (idleTimeoutMs !== undefined) this.#watchIdle(idleTimeoutMs)
  }

  /** The client has said something. */
  heard(): void {
    if (this.#keepAlive !== undefined) this.#keepAlive.hasHeard = true
  }

  /** A stream has come to its end. */
  busy(): void {
    this.#wasBusy = true
  }

  /** In place of what was waited for before. */
  wait(delayMs: number, callback: () => void): void {
    this.#step?.cancel()
    this.#step = this.#options.clock.setTimer(delayMs, callback)
  }

  arrived(): void {
    this.#step?.cancel()
  }

  /** Only what is waited for goes on. */
  end(): void {
    this.#keepAlive?.stop()
    this.#idle?.cancel()
  }

  #watchIdle(timeoutMs: number): void {
    this.#idle = this.#options.clock.setTimer(timeoutMs, () => {
      const isIdle = this.#actions.isIdle() && !this.#wasBusy
      this.#wasBusy = false
      if (isIdle) this.#actions.close()
      else this.#watchIdle(timeoutMs)
    })
  }
}
