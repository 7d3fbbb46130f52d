import { StoreError } from '../errors.js'
import type { Ledger } from '../ledger.js'
import type { KeyRange } from './key-range.js'
import type {
  StoreClient,
  WatchBatch,
  WatchCompacted,
  WatchEnd,
  WatchObserver,
  WatchOptions,
  WatchStream,
  WatchSubscription,
} from './store-client.js'

type Item = WatchBatch | WatchCompacted

export interface SubscriptionStreamOptions {
  readonly ledger: Ledger
  /** Batches that may wait for the reader before the subscription is paused. */
  readonly queueBatchesMax: number
}

/** A subscription as a stream: `StoreClient.watch` for every client that has `subscribe`. */
export class SubscriptionStream implements WatchStream, WatchObserver {
  readonly #options: SubscriptionStreamOptions
  readonly #signal: AbortSignal | undefined
  readonly #subscription: WatchSubscription
  readonly #queue: WatchBatch[] = []
  #isPaused = false
  #end: WatchEnd | undefined
  /** The reader that waits for something to happen. */
  #wake: (() => void) | undefined

  constructor(
    client: Pick<StoreClient, 'subscribe'>,
    range: KeyRange,
    watchOptions: WatchOptions & { readonly signal?: AbortSignal | undefined },
    options: SubscriptionStreamOptions,
  ) {
    this.#options = options
    this.#signal = watchOptions.signal
    this.#subscription = client.subscribe(range, this, watchOptions)
    if (this.#signal?.aborted) this.#subscription.cancel()
    else this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  readonly #onAbort = (): void => this.#subscription.cancel()

  cancel(): void {
    this.#subscription.cancel()
  }

  requestProgress(): void {
    this.#subscription.requestProgress()
  }

  onBatch(batch: WatchBatch): void {
    this.#queue.push(batch)
    this.#options.ledger.begin('watchEvent')
    if (this.#queue.length >= this.#options.queueBatchesMax && !this.#isPaused) {
      this.#isPaused = true
      this.#subscription.pause()
    }
    this.#wake?.()
  }

  onEnd(end: WatchEnd): void {
    this.#end = end
    this.#signal?.removeEventListener('abort', this.#onAbort)
    // Whoever cancels has no use for what waits; after any other end it is still to be read.
    if (end.reason === 'cancelled') this.#discard()
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    try {
      for (;;) {
        const batch = this.#take()
        if (batch !== undefined) yield batch
        else if (this.#end !== undefined) return yield* this.#last(this.#end)
        else await this.#something()
      }
    } finally {
      this.#subscription.cancel()
      this.#discard()
    }
  }

  #take(): WatchBatch | undefined {
    const batch = this.#queue.shift()
    if (batch !== undefined) this.#options.ledger.end('watchEvent')
    if (this.#isPaused && this.#queue.length === 0) {
      this.#isPaused = false
      this.#subscription.resume()
    }
    return batch
  }

  *#last(end: WatchEnd): Iterable<WatchCompacted> {
    switch (end.reason) {
      case 'compacted':
        yield { compactRevision: end.compactRevision }
        return
      case 'cancelled':
        if (this.#signal?.aborted) throw this.#signal.reason
        return
      case 'closed':
        throw new StoreError({ code: 'Closed' })
      case 'failed':
        throw end.error
    }
  }

  async #something(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }

  #discard(): void {
    this.#options.ledger.end('watchEvent', this.#queue.length)
    this.#queue.length = 0
  }
}
