import type { Clock, Timer, YieldTurn } from '../clock.js'

interface Due {
  readonly ms: number
  /** What is due at the same time runs in the order in which it was set. */
  readonly order: number
  readonly run: () => void
}

/**
 * Time that passes only when the simulation says so. Between two events all promises settle, so a
 * run depends on nothing but what was set in motion.
 */
export class SimulatedTime {
  readonly #heap: Due[] = []
  #nowMs = 0
  #order = 0
  #events = 0

  /** Milliseconds since the simulation began. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** How many things have happened. */
  get events(): number {
    return this.#events
  }

  after(delayMs: number, run: () => void): Timer {
    const due = { ms: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run }
    let isCancelled = false
    this.#push({
      ...due,
      run: () => {
        if (!isCancelled) run()
      },
    })
    return {
      cancel: () => {
        isCancelled = true
      },
    }
  }

  readonly yieldTurn: YieldTurn = (run) => {
    this.after(0, run)
  }

  /** Lets things happen until `ms`, or until `isDone`. Answers whether it is done. */
  async runUntil(ms: number, isDone: () => boolean = () => false): Promise<boolean> {
    await settled()
    for (;;) {
      if (isDone()) return true
      const next = this.#heap[0]
      if (next === undefined || next.ms > ms) break
      this.#pop()
      this.#nowMs = next.ms
      this.#events++
      next.run()
      await settled()
    }
    this.#nowMs = Math.max(this.#nowMs, ms)
    return isDone()
  }

  #push(due: Due): void {
    const heap = this.#heap
    let place = heap.length
    heap.push(due)
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isBefore(due, heap[parent] as Due)) break
      heap[place] = heap[parent] as Due
      place = parent
    }
    heap[place] = due
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Due
    if (heap.length === 0) return
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      const right = child + 1
      if (right < heap.length && isBefore(heap[right] as Due, heap[child] as Due)) child = right
      if (!isBefore(heap[child] as Due, last)) break
      heap[place] = heap[child] as Due
      place = child
    }
    heap[place] = last
  }
}

const isBefore = (a: Due, b: Due): boolean => (a.ms === b.ms ? a.order < b.order : a.ms < b.ms)

/** All promises that can settle have settled. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Of the wall clock when a simulation begins. */
const EPOCH_MS = 1_700_000_000_000

/**
 * The clock of one run of one member: it may be fast or slow and wrong, and once the member has
 * crashed nothing that was set on it happens any more.
 */
export class MemberClock implements Clock {
  readonly #time: SimulatedTime
  readonly #rate: number
  readonly #offsetMs: number
  #isStopped = false

  constructor(time: SimulatedTime, { rate = 1, offsetMs = 0 } = {}) {
    this.#time = time
    this.#rate = rate
    this.#offsetMs = offsetMs
  }

  now(): number {
    return EPOCH_MS + this.#offsetMs + this.#time.nowMs * this.#rate
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#time.after(delayMs / this.#rate, () => {
      if (!this.#isStopped) callback()
    })
  }

  readonly yieldTurn: YieldTurn = (run) => {
    this.setTimer(0, run)
  }

  /** The member has crashed. */
  stop(): void {
    this.#isStopped = true
  }
}
