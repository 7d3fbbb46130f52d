import type { Clock, Ledger, Timer, Trigger } from '@miniplane/api'
import { limits } from '../limits.js'
import { Backoff, type Pauses } from './backoff.js'
import { Queue, type WorkItem } from './queue.js'

interface Delayed {
  readonly dueMs: number
  readonly timer: Timer
  /** Of everybody who asked for it to come later. */
  readonly triggers: readonly Trigger[]
}

/**
 * The queue of a controller: `Queue`'s promises, plus keys that come later (`addAfter`) and keys
 * that failed and come again after ever longer pauses (`addRateLimited`, until `forget`).
 */
export class Workqueue {
  readonly #queue: Queue
  readonly #clock: Clock
  readonly #backoff: Backoff
  /** At most one pending timer a key: the earliest asked for. */
  readonly #delayed = new Map<string, Delayed>()

  constructor(options: {
    readonly clock: Clock
    readonly ledger?: Ledger
    readonly pauses?: Pauses | undefined
  }) {
    this.#backoff = new Backoff(options.pauses)
    this.#queue = new Queue(options.ledger)
    this.#clock = options.clock
  }

  get length(): number {
    return this.#queue.length
  }

  get isShutDown(): boolean {
    return this.#queue.isShutDown
  }

  add(key: string, trigger?: Trigger): void {
    this.#queue.add(key, trigger)
  }

  addAfter(key: string, delayMs: number, trigger?: Trigger): void {
    if (this.#queue.isShutDown) return
    if (delayMs <= 0) {
      this.#queue.add(key, trigger)
      return
    }
    const dueMs = this.#clock.monotonic() + delayMs
    const earlier = this.#delayed.get(key)
    const triggers = withTrigger(earlier?.triggers ?? [], trigger)
    if (earlier !== undefined && earlier.dueMs <= dueMs) {
      this.#delayed.set(key, { ...earlier, triggers })
      return
    }
    earlier?.timer.cancel()
    const timer = this.#clock.setTimer(delayMs, () => this.#comeDue(key))
    this.#delayed.set(key, { dueMs, timer, triggers })
  }

  addRateLimited(key: string, trigger?: Trigger): void {
    this.addAfter(key, this.#backoff.nextMs(key), trigger)
  }

  /** How often the key failed since it was last forgotten. */
  failures(key: string): number {
    return this.#backoff.failures(key)
  }

  forget(key: string): void {
    this.#backoff.forget(key)
  }

  get(): Promise<WorkItem | undefined> {
    return this.#queue.get()
  }

  done(key: string): void {
    this.#queue.done(key)
  }

  #comeDue(key: string): void {
    const { triggers = [] } = this.#delayed.get(key) ?? {}
    this.#delayed.delete(key)
    this.#queue.add(key)
    for (const trigger of triggers) this.#queue.add(key, trigger)
  }

  shutDown(): void {
    for (const { timer } of this.#delayed.values()) timer.cancel()
    this.#delayed.clear()
    this.#queue.shutDown()
  }
}

const withTrigger = (triggers: readonly Trigger[], trigger: Trigger | undefined) =>
  trigger === undefined ? triggers : [...triggers, trigger].slice(-limits.triggersPerKeyMax)
