import type { CacheEvent } from './cache-event.js'

/**
 * The latest changes of one resource, oldest first. Knows how far back it reaches: every change
 * after `floor` is there.
 */
export class EventRing {
  readonly #capacity: number
  #events: CacheEvent[] = []
  /** Where the oldest event is in `#events` once the ring is full. */
  #start = 0
  #floor: number

  constructor(capacity: number, floor: number) {
    this.#capacity = capacity
    this.#floor = floor
  }

  get floor(): number {
    return this.#floor
  }

  push(event: CacheEvent): void {
    if (this.#events.length < this.#capacity) {
      this.#events.push(event)
      return
    }
    this.#floor = this.#events[this.#start]?.revision ?? this.#floor
    this.#events[this.#start] = event
    this.#start = (this.#start + 1) % this.#capacity
  }

  /** Changes after `revision`, in order; undefined when they are no longer all there. */
  since(revision: number): CacheEvent[] | undefined {
    if (revision < this.#floor) return undefined
    const count = this.#events.length
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#at(middle).revision > revision) high = middle
      else low = middle + 1
    }
    const found: CacheEvent[] = []
    for (let i = low; i < count; i++) found.push(this.#at(i))
    return found
  }

  /** Forgets everything up to `floor`. */
  reset(floor: number): void {
    this.#events = []
    this.#start = 0
    this.#floor = floor
  }

  #at(position: number): CacheEvent {
    return this.#events[(this.#start + position) % this.#events.length] as CacheEvent
  }
}
