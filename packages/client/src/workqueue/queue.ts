import type { Ledger, Trigger } from '@miniplane/api'
import { limits } from '../limits.js'

/** A key to reconcile and the changes that queued it since it was last taken. */
export interface WorkItem {
  readonly key: string
  /** Newest last; only the last `limits.triggersPerKeyMax`. */
  readonly triggers: readonly Trigger[]
}

/**
 * A queue of keys in which each key waits at most once and is worked on by at most one worker. A
 * key that is added while it is being worked on waits until `done`, then comes again.
 */
export class Queue {
  /** Waiting, in the order of arrival, each with what triggered it. */
  readonly #waiting = new Map<string, Trigger[]>()
  readonly #working = new Set<string>()
  /** Added again while being worked on. */
  readonly #again = new Map<string, Trigger[]>()
  readonly #takers: ((item: WorkItem | undefined) => void)[] = []
  readonly #ledger: Ledger | undefined
  #isShutDown = false

  constructor(ledger?: Ledger) {
    this.#ledger = ledger
  }

  get length(): number {
    return this.#waiting.size
  }

  get isShutDown(): boolean {
    return this.#isShutDown
  }

  add(key: string, trigger?: Trigger): void {
    if (this.#isShutDown) return
    const place = this.#working.has(key) ? this.#again : this.#waiting
    const triggers = place.get(key)
    if (triggers !== undefined) {
      if (trigger !== undefined) remember(triggers, trigger)
      return
    }
    place.set(key, trigger === undefined ? [] : [trigger])
    this.#ledger?.begin('queuedKey')
    if (place === this.#waiting) this.#handOut()
  }

  /** The next key; undefined once the queue is shut down. Every taken key must be `done`. */
  get(): Promise<WorkItem | undefined> {
    if (this.#isShutDown) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#takers.push(resolve)
      this.#handOut()
    })
  }

  done(key: string): void {
    if (!this.#working.delete(key)) return
    this.#ledger?.end('reconcile')
    const triggers = this.#again.get(key)
    if (triggers === undefined) return
    this.#again.delete(key)
    this.#waiting.set(key, triggers)
    this.#handOut()
  }

  /** Drops what waits; who is waiting for work gets undefined. */
  shutDown(): void {
    this.#isShutDown = true
    this.#ledger?.end('queuedKey', this.#waiting.size + this.#again.size)
    this.#waiting.clear()
    this.#again.clear()
    for (const take of this.#takers.splice(0)) take(undefined)
  }

  #handOut(): void {
    while (this.#takers.length > 0) {
      const next = this.#waiting.entries().next()
      if (next.done) return
      const [key, triggers] = next.value
      this.#waiting.delete(key)
      this.#working.add(key)
      this.#ledger?.begin('reconcile')
      this.#ledger?.end('queuedKey')
      this.#takers.shift()?.({ key, triggers })
    }
  }
}

function remember(triggers: Trigger[], trigger: Trigger): void {
  if (triggers.length >= limits.triggersPerKeyMax) triggers.shift()
  triggers.push(trigger)
}
