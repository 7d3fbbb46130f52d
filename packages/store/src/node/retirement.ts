import type { Clock, Timer } from '../clock.js'

/** etcd's: so long a member that was removed may go on. */
const RETIRE_MS = 1000

export interface RetirementOptions {
  readonly clock: Clock
  readonly isLeading: () => boolean
  /** The member may end. */
  readonly onDone: () => void
}

/**
 * The end of a member that was removed. One that leads goes on until a quorum knows of its removal
 * (thesis, 4.2.2; the core then leads no more): those who don't know would wait for its vote, and
 * of two members the other could never lead. It waits for that for a while, and not for ever.
 */
export class Retirement {
  readonly #options: RetirementOptions
  #timer: Timer | undefined
  #isDone = false

  constructor(options: RetirementOptions) {
    this.#options = options
  }

  /** The member was removed, or hears that it was. */
  begin(): void {
    if (this.#isDone || this.#timer !== undefined) return
    const { clock, isLeading } = this.#options
    if (!isLeading()) this.#end()
    else this.#timer = clock.setTimer(RETIRE_MS, () => this.#end())
  }

  /** The member's role is another one. */
  onRole(): void {
    if (this.#timer !== undefined && !this.#options.isLeading()) this.#end()
  }

  close(): void {
    this.#timer?.cancel()
    this.#isDone = true
  }

  #end(): void {
    if (this.#isDone) return
    this.close()
    this.#options.onDone()
  }
}
