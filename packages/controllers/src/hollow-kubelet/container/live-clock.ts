import { type Clock, eventLoopTurn, sleep } from '@miniplane/api'
import { limits } from '../limits.js'
import { Killed, type ProcessClock } from './process.js'

const STEPS_PER_TURN = 256

/** The time of a process that runs now, until `signal` kills it or it has done too much. */
export class LiveClock implements ProcessClock {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #steps = 0

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  now(): number {
    return this.#clock.now()
  }

  async sleep(ms: number): Promise<void> {
    try {
      await sleep(this.#clock, ms, this.#signal)
    } catch (error) {
      if (this.#signal.aborted) throw new Killed()
      throw error
    }
  }

  async step(): Promise<void> {
    if (this.#signal.aborted || ++this.#steps > limits.processStepsMax) throw new Killed()
    if (this.#steps % STEPS_PER_TURN === 0) await eventLoopTurn()
  }
}
