import type { Ledger } from '../../../ledger.js'
import type { WatchCreateRequest, WatchResponse } from '../../../wire/watch.js'
import { type KeyRange, upperBound } from '../../key-range.js'
import type {
  WatchBatch,
  WatchEnd,
  WatchObserver,
  WatchOptions,
  WatchSubscription,
} from '../../store-client.js'
import type { GrpcLimits } from '../options.js'
import { EventBatches } from './event-batches.js'

/** What a watch asks of the stream that it is on. */
export interface WatchHost {
  readonly limits: GrpcLimits
  readonly ledger: Ledger
  /** Has the server send what comes from `nextRevision` on. */
  attach(watch: RemoteWatch): void
  /** Has the server send nothing. */
  detach(watch: RemoteWatch): void
  /** Lets go of the watch. */
  remove(watch: RemoteWatch): void
  requestProgress(watch: RemoteWatch): void
}

/**
 * One watch of a server's store. It outlives the streams that carry it: on each new one it is
 * created again from `nextRevision`.
 */
export class RemoteWatch implements WatchSubscription {
  readonly range: KeyRange
  /** No key lies in the range; etcd refuses to watch it. */
  readonly isOfNothing: boolean
  /** Whether the server is to send it what happens. */
  isAttached = false
  /** On the present stream; undefined while the server doesn't know of it. */
  id: bigint | undefined
  /** The server has confirmed it on the present stream. */
  isCreated = false
  /** The server has told it all of the past, on the present stream. */
  isSynced = false
  /** Everything before has been received. 0: whatever comes once the server knows of it. */
  nextRevision: number
  wantsProgress = false
  /** For want of a right, once: the token may have been too old. */
  hasBeenRefused = false
  /** Whether `nextRevision` is more than what its owner asked for. */
  hasReceived = false
  /** Resolves when the watch has its place in history, or has ended. */
  readonly placed: Promise<void>
  #setPlaced: () => void = () => {}
  readonly #host: WatchHost
  readonly #observer: WatchObserver
  readonly #options: WatchOptions
  readonly #batches = new EventBatches()
  /** Received, and not yet given to the observer. */
  #queue: WatchBatch[] = []
  #queueBytes = 0
  #isPaused = false
  #hasOverflown = false
  #isDelivering = false
  /** An event of this revision is to come; 0: none is known to. */
  #owedRevision = 0
  #hasEnded = false

  constructor(host: WatchHost, range: KeyRange, observer: WatchObserver, options: WatchOptions) {
    this.range = range
    this.isOfNothing = upperBound(range) <= range.key
    this.nextRevision = Math.max(options.startRevision ?? 0, 0)
    this.#host = host
    this.#observer = observer
    this.#options = options
    this.placed = new Promise((resolve) => {
      this.#setPlaced = resolve
    })
    if (this.nextRevision !== 0) this.#setPlaced()
  }

  createRequest(watchId: bigint): Partial<WatchCreateRequest> {
    const { key, rangeEnd = '' } = this.range
    const { filters = [], prevKv = false, progressNotify = false } = this.#options
    return {
      ...{ watchId, key, rangeEnd, prevKv, progressNotify },
      startRevision: this.nextRevision,
      filters: [...filters],
      fragment: true,
    }
  }

  /** The server knows of it; `revision` is what the server's store had then. */
  created(revision: number): void {
    this.isCreated = true
    if (this.nextRevision === 0) this.nextRevision = revision + 1
    this.isSynced = this.nextRevision > revision
    this.#setPlaced()
  }

  /** The stream is gone, with what was under way on it. */
  broken(): void {
    this.id = undefined
    this.isCreated = false
    this.isSynced = false
    this.#batches.forget()
  }

  receive(response: WatchResponse): void {
    for (const batch of this.#batches.take(response)) {
      if (batch.revision < this.nextRevision) continue
      this.nextRevision = batch.revision + 1
      this.hasReceived = true
      this.#push(batch)
    }
    if (this.nextRevision > this.#owedRevision) this.#paid()
  }

  /** Its client has made an event for it. */
  owe(revision: number): void {
    const isFiltered = (this.#options.filters ?? []).length > 0
    if (this.#hasEnded || isFiltered || revision < this.nextRevision) return
    if (this.#owedRevision === 0) this.#host.ledger.begin('watchEvent')
    this.#owedRevision = revision
  }

  #paid(): void {
    if (this.#owedRevision === 0) return
    this.#owedRevision = 0
    this.#host.ledger.end('watchEvent')
  }

  /** Everything up to `revision` has been received. */
  progressed(revision: number): void {
    const isWanted = this.wantsProgress || this.#options.progressNotify
    this.wantsProgress = false
    if (revision >= this.nextRevision) {
      this.nextRevision = revision + 1
      this.hasReceived = true
    }
    if (isWanted) this.#push({ revision, events: [] })
    if (this.nextRevision > this.#owedRevision) this.#paid()
  }

  #push(batch: WatchBatch): void {
    if (this.#hasEnded) return
    this.#queue.push(batch)
    this.#queueBytes += bytesOf(batch)
    this.#host.ledger.begin('watchEvent')
    this.#drain()
    const { watchQueueBatchesMax, watchQueueBytesMax } = this.#host.limits
    const isFull =
      this.#queue.length > watchQueueBatchesMax || this.#queueBytes > watchQueueBytesMax
    if (isFull && this.isAttached) this.#overflow()
  }

  /** Gives the observer what waits, until it pauses. */
  #drain(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    try {
      while (!this.#isPaused && !this.#hasEnded) {
        const batch = this.#queue.shift()
        if (batch === undefined) break
        this.#queueBytes -= bytesOf(batch)
        this.#host.ledger.end('watchEvent')
        this.#observer.onBatch(batch)
      }
    } catch (error) {
      this.end({ reason: 'failed', error })
    } finally {
      this.#isDelivering = false
    }
  }

  /** What waits is let go, to be read from history again. */
  #overflow(): void {
    const first = this.#queue.find(({ events }) => events.length > 0)
    if (first !== undefined) this.nextRevision = first.revision
    if (this.#queue.some(({ events }) => events.length === 0)) this.wantsProgress = true
    this.#discard()
    this.#host.detach(this)
    this.#hasOverflown = true
  }

  #discard(): void {
    this.#host.ledger.end('watchEvent', this.#queue.length)
    this.#queue = []
    this.#queueBytes = 0
  }

  cancel(): void {
    this.end({ reason: 'cancelled' })
  }

  requestProgress(): void {
    if (this.#hasEnded) return
    this.wantsProgress = true
    this.#host.requestProgress(this)
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused || this.#hasEnded) return
    this.#isPaused = false
    if (this.#hasOverflown) {
      this.#hasOverflown = false
      this.#host.attach(this)
    }
    // Not in this call: whoever resumes is not ready for a batch yet.
    queueMicrotask(() => this.#drain())
  }

  /** Tells the observer, once, that no more comes. */
  end(end: WatchEnd): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#discard()
    this.#paid()
    this.#host.remove(this)
    this.#setPlaced()
    try {
      this.#observer.onEnd(end)
    } catch (error) {
      // Nobody is left to tell: an uncaught error, and not one of the stream.
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

function bytesOf({ events }: WatchBatch): number {
  let bytes = 0
  for (const { kv, prevKv } of events) {
    bytes += kv.key.length + kv.value.length
    if (prevKv !== undefined) bytes += prevKv.key.length + prevKv.value.length
  }
  return bytes
}
