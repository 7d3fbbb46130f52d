import { eventLoopTurn } from '@miniplane/api'
import { limits } from '../limits.js'

/**
 * How many calls inside the process one turn of the event loop has room for. Such a call waits for
 * nothing but promises, so that a controller which makes thousands of Pods would else keep out
 * everybody who comes over the network until it is through. First come, first served.
 */
export class CallTurns {
  #left: number = limits.callsPerTurnMax
  #isRenewing = false
  readonly #waiting: (() => void)[] = []

  /** Undefined: now. */
  enter(): Promise<void> | undefined {
    if (!this.#isRenewing) this.#renew()
    if (this.#left > 0) {
      this.#left--
      return undefined
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #renew(): void {
    this.#isRenewing = true
    void eventLoopTurn().then(() => {
      const admitted = this.#waiting.splice(0, limits.callsPerTurnMax)
      this.#left = limits.callsPerTurnMax - admitted.length
      if (admitted.length > 0) this.#renew()
      else this.#isRenewing = false
      for (const admit of admitted) admit()
    })
  }
}
