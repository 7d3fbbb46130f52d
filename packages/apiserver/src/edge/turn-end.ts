import { eventLoopTurn } from '@miniplane/api'

/** What is done when a turn of the event loop ends: after all that came in it has been read. */
export class TurnEnd {
  #waiting: (() => void)[] = []
  #isDraining = false

  /** `work` must not throw. What it adds itself is done in the same turn. */
  add(work: () => void): void {
    this.#waiting.push(work)
    if (this.#waiting.length === 1 && !this.#isDraining) void eventLoopTurn().then(this.#drain)
  }

  readonly #drain = (): void => {
    this.#isDraining = true
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      for (const work of waiting) work()
    }
    this.#isDraining = false
  }
}
