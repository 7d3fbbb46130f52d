import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { ServerMetrics } from '../metrics/metrics.js'
import type { ReadState } from '../raft/types.js'

export interface LinearizableReadsOptions {
  readonly clock: Clock
  readonly nextId: () => bigint
  /** Asks the leader how far the cluster has committed. */
  readonly readIndex: (context: Uint8Array) => void
  readonly appliedIndex: () => number
  /**
   * Whether this member alone decides, and has applied everything that was acknowledged: then there
   * is nobody to ask.
   */
  readonly isAlone: () => boolean
  /** Asked again after it, as the question or its answer may be lost. */
  readonly retryMs: number
  readonly timeoutMs: number
  /** Reads that may wait at once. */
  readonly pendingMax: number
  readonly metrics: Pick<ServerMetrics, 'slowReadIndexes' | 'readIndexesFailed'>
}

const DONE = Promise.resolve()

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface Batch {
  readonly key: string
  readonly context: Uint8Array
  readonly startedMs: number
  readonly waiters: Waiter[]
}

/** Confirmed at an index that is not applied yet. */
interface Confirmed {
  readonly index: number
  readonly waiters: readonly Waiter[]
  readonly timer: Timer
}

/**
 * Reads that must see everything that was acknowledged before they were asked (Raft thesis, 6.4):
 * the leader confirms that it leads and answers its commit index; once that is applied here, the
 * read may be made. One question is under way at a time, and all reads that come meanwhile share
 * the next.
 */
export class LinearizableReads {
  readonly #options: LinearizableReadsOptions
  /** Asked; its index is not known. */
  #asked: Batch | undefined
  #waiting: Waiter[] = []
  /** In order. */
  #confirmed: Confirmed[] = []
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: LinearizableReadsOptions) {
    this.#options = options
  }

  /** Whether a read may be made at once, without asking. */
  get isConfirmed(): boolean {
    return !this.#isClosed && this.#options.isAlone()
  }

  /** Resolves when a read may be made on this member's state. */
  confirm(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new StoreError({ code: 'Closed' }))
    if (this.isConfirmed) return DONE
    if (this.#waiting.length >= this.#options.pendingMax) {
      return Promise.reject(new StoreError({ code: 'TooManyRequests' }))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#ask()
    })
  }

  onReadStates(states: readonly ReadState[]): void {
    for (const { context, index } of states) {
      if (this.#asked === undefined || keyOf(context) !== this.#asked.key) continue
      const { waiters } = this.#asked
      this.#end()
      if (index <= this.#options.appliedIndex()) for (const { resolve } of waiters) resolve()
      else this.#awaitApplied(index, waiters)
    }
    this.#ask()
  }

  /** What this member was told of may never come: it may be cut off from its leader again. */
  #awaitApplied(index: number, waiters: readonly Waiter[]): void {
    const { clock, timeoutMs } = this.#options
    const timer = clock.setTimer(timeoutMs, () => {
      this.#confirmed = this.#confirmed.filter((one) => one !== confirmed)
      for (const { reject } of waiters) reject(new StoreError({ code: 'Timeout' }))
    })
    const confirmed = { index, waiters, timer }
    this.#confirmed.push(confirmed)
  }

  /** Entries were applied. */
  onApplied(index: number): void {
    let first = this.#confirmed[0]
    while (first !== undefined && first.index <= index) {
      this.#confirmed.shift()
      first.timer.cancel()
      for (const { resolve } of first.waiters) resolve()
      first = this.#confirmed[0]
    }
  }

  /** The question may have died with the old one: it is asked again, as its answer is as good. */
  onLeaderChanged(): void {
    if (this.#asked !== undefined) this.#options.readIndex(this.#asked.context)
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    const error = new StoreError({ code: 'Closed' })
    const waiters = [...(this.#asked?.waiters ?? []), ...this.#waiting]
    for (const confirmed of this.#confirmed) {
      confirmed.timer.cancel()
      waiters.push(...confirmed.waiters)
    }
    this.#confirmed = []
    for (const { reject } of waiters) reject(error)
  }

  #ask(): void {
    if (this.#asked !== undefined || this.#waiting.length === 0 || this.#isClosed) return
    const { clock, nextId, readIndex } = this.#options
    const context = Buffer.alloc(8)
    context.writeBigUInt64BE(nextId())
    this.#asked = {
      key: keyOf(context),
      context,
      startedMs: clock.now(),
      waiters: this.#waiting.splice(0),
    }
    this.#setTimer()
    readIndex(context)
  }

  #end(): void {
    this.#timer?.cancel()
    this.#asked = undefined
  }

  #setTimer(): void {
    const { clock, retryMs, timeoutMs, readIndex, metrics } = this.#options
    this.#timer = clock.setTimer(retryMs, () => {
      const batch = this.#asked
      if (batch === undefined) return
      metrics.slowReadIndexes.add()
      if (clock.now() - batch.startedMs < timeoutMs) {
        this.#setTimer()
        readIndex(batch.context)
        return
      }
      this.#end()
      metrics.readIndexesFailed.add()
      for (const { reject } of batch.waiters) reject(new StoreError({ code: 'Timeout' }))
      this.#ask()
    })
  }
}

const keyOf = (context: Uint8Array): string =>
  Buffer.from(context.buffer, context.byteOffset, context.length).toString('latin1')
