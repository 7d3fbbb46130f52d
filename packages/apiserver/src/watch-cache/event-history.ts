import type { CacheEvent } from './cache-event.js'

export interface EventHistoryBounds {
  readonly eventsMax: number
  /** Of the objects as they are written in lists; in memory they take several times as much. */
  readonly bytesMax: number
}

/**
 * The latest changes of one resource, oldest first, in number and in bytes as its bounds allow, and
 * the last one in any case. Knows how far back it reaches: every change after `floor` is there.
 */
export class EventHistory {
  readonly #bounds: EventHistoryBounds
  #events: CacheEvent[] = []
  /** Where the oldest event is; what lies before it is let go of, and cut off now and then. */
  #start = 0
  #bytes = 0
  #floor: number

  constructor(bounds: EventHistoryBounds, floor: number) {
    this.#bounds = bounds
    this.#floor = floor
  }

  get floor(): number {
    return this.#floor
  }

  push(event: CacheEvent): void {
    this.#events.push(event)
    this.#bytes += event.current.itemLength
    const { eventsMax, bytesMax } = this.#bounds
    const last = this.#events.length - 1
    while (this.#start < last && (last + 1 - this.#start > eventsMax || this.#bytes > bytesMax)) {
      this.#forgetOldest()
    }
    if (this.#start > eventsMax) {
      this.#events = this.#events.slice(this.#start)
      this.#start = 0
    }
  }

  /** Changes after `revision`, in order; undefined when they are no longer all there. */
  since(revision: number): CacheEvent[] | undefined {
    if (revision < this.#floor) return undefined
    let low = this.#start
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle] as CacheEvent).revision > revision) high = middle
      else low = middle + 1
    }
    return this.#events.slice(low)
  }

  /** Forgets everything up to `floor`. */
  reset(floor: number): void {
    this.#events = []
    this.#start = 0
    this.#bytes = 0
    this.#floor = floor
  }

  #forgetOldest(): void {
    const oldest = this.#events[this.#start] as CacheEvent
    this.#floor = oldest.revision
    this.#bytes -= oldest.current.itemLength
    // The place stays until the array is cut; what was in it must not.
    this.#events[this.#start++] = undefined as never
  }
}
