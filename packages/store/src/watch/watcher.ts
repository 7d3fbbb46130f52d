import { type KeyRange, upperBound } from '../client/key-range.js'
import type {
  WatchBatch,
  WatchEnd,
  WatchObserver,
  WatchOptions,
  WatchSubscription,
} from '../client/store-client.js'

/** What a watcher asks of those who drive it. */
export interface WatcherHost {
  /** To all watchers. */
  eventsSent: number
  cancel(watcher: Watcher): void
  requestProgress(watcher: Watcher): void
  pause(watcher: Watcher): void
  resume(watcher: Watcher): void
}

/**
 * `synced`: called inside each write. `unsynced`: reads history. `paused`: does neither. A watcher
 * moves synced → paused → unsynced → synced, and from each to `ended`.
 */
export type WatcherState = 'synced' | 'unsynced' | 'paused' | 'ended'

export class Watcher implements WatchSubscription {
  readonly low: string
  readonly high: string
  readonly prevKv: boolean
  readonly noPut: boolean
  readonly noDelete: boolean
  readonly progressNotify: boolean
  state: WatcherState = 'unsynced'
  /** Everything below is delivered (or was not asked for). */
  nextRevision: number
  wantsProgress = false
  /** Whether it got anything since the last periodic progress notification. */
  wasActive = false
  readonly #host: WatcherHost
  readonly #observer: WatchObserver

  constructor(
    host: WatcherHost,
    range: KeyRange,
    observer: WatchObserver,
    options: WatchOptions,
    nextRevision: number,
  ) {
    this.#host = host
    this.#observer = observer
    this.low = range.key
    this.high = upperBound(range)
    this.prevKv = options.prevKv ?? false
    this.noPut = options.filters?.includes('noput') ?? false
    this.noDelete = options.filters?.includes('nodelete') ?? false
    this.progressNotify = options.progressNotify ?? false
    this.nextRevision = nextRevision
  }

  /** Gives the observer a batch that it has not had yet. Never throws. */
  deliver(batch: WatchBatch): void {
    if (batch.revision < this.nextRevision) return
    if (this.state !== 'synced' && this.state !== 'unsynced') return
    this.nextRevision = batch.revision + 1
    this.wasActive = true
    this.#host.eventsSent += batch.events.length
    this.#call(batch)
  }

  /** A batch without events: says how far the watcher is and does not move it. Never throws. */
  notifyProgress(revision: number): void {
    this.wantsProgress = false
    this.#call({ revision, events: [] })
  }

  #call(batch: WatchBatch): void {
    try {
      this.#observer.onBatch(batch)
    } catch (error) {
      // The writer in whose call we are is not to blame, and the others still want their batch.
      this.#leave({ reason: 'failed', error })
    }
  }

  /** Tells the observer, once, that no more comes. Its host has let go of it before. */
  end(end: WatchEnd): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    try {
      this.#observer.onEnd(end)
    } catch (error) {
      // Nobody is left to tell: an uncaught error, and not one of the writer in whose call we are.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  cancel(): void {
    this.#leave({ reason: 'cancelled' })
  }

  /** History no longer reaches back to its next revision. */
  compacted(compactRevision: number): void {
    this.#leave({ reason: 'compacted', compactRevision })
  }

  #leave(end: WatchEnd): void {
    if (this.state === 'ended') return
    this.#host.cancel(this)
    this.end(end)
  }

  requestProgress(): void {
    if (this.state !== 'ended') this.#host.requestProgress(this)
  }

  pause(): void {
    if (this.state === 'synced' || this.state === 'unsynced') this.#host.pause(this)
  }

  resume(): void {
    if (this.state === 'paused') this.#host.resume(this)
  }
}
