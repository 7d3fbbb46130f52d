import type {
  StoreClient,
  WatchBatch,
  WatchEnd,
  WatchSubscription,
} from '../client/store-client.js'
import { StoreError } from '../errors.js'
import { type Operation, perform, textOf } from './operation.js'

/** One watch, and what it was given. */
class Watched {
  readonly batches: WatchBatch[] = []
  end: WatchEnd | undefined
  subscription: WatchSubscription | undefined
  #wake: () => void = () => {}

  onBatch(batch: WatchBatch): void {
    if (batch.events.length > 0) this.batches.push(batch)
    else this.#wake()
  }

  onEnd(end: WatchEnd): void {
    this.end = end
    this.#wake()
  }

  /** Waits until it has been given everything there is, or has ended. */
  async settle(): Promise<void> {
    if (this.end !== undefined) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.subscription?.requestProgress()
    })
  }

  get text(): string {
    return textOf({ batches: this.batches, end: this.end?.reason })
  }
}

/** A store that is asked one thing after the other. */
export class Session {
  readonly #client: StoreClient
  readonly #watches: Watched[] = []

  constructor(client: StoreClient) {
    this.#client = client
  }

  /** The answer or the error, as text. */
  async perform(operation: Operation): Promise<string> {
    try {
      if (operation.ask !== 'watch') return textOf(await perform(this.#client, operation))
      return await this.#watch(operation)
    } catch (error) {
      if (error instanceof StoreError) return `${error.code}: ${error.message}`
      throw error
    }
  }

  /**
   * History is read before anything else happens: when a store gets round to it is not compared,
   * and a compaction may come first.
   */
  async #watch({ range, options }: Operation & { ask: 'watch' }): Promise<string> {
    const watched = new Watched()
    watched.subscription = this.#client.subscribe(range, watched, options)
    this.#watches.push(watched)
    await watched.settle()
    return watched.text
  }

  /** What all watches have seen in the end. */
  async watched(): Promise<string[]> {
    await Promise.all(this.#watches.map((watch) => watch.settle()))
    return this.#watches.map(({ text }) => text)
  }
}
