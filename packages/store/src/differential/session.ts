import type {
  StoreClient,
  WatchBatch,
  WatchEnd,
  WatchOptions,
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
  #compactRevision = 0

  constructor(client: StoreClient) {
    this.#client = client
  }

  /** The answer or the error, as text. */
  async perform(operation: Operation): Promise<string> {
    try {
      if (operation.ask === 'watch') return await this.#watch(operation)
      const answer = textOf(await perform(this.#client, operation))
      if (operation.ask === 'compact') this.#compactRevision = operation.revision
      return answer
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
    const startRevision = this.#startOf(options)
    watched.subscription = this.#client.subscribe(range, watched, { ...options, startRevision })
    this.#watches.push(watched)
    await watched.settle()
    return watched.text
  }

  /**
   * Not at the compact revision, whose deletions a real etcd tells since 3.4.34 and 3.5.16 only. Nor
   * at the first revision of all, at which nothing shows whether its history has been read.
   */
  #startOf({ startRevision = 0 }: WatchOptions): number {
    const isAtBound = startRevision === Math.max(this.#compactRevision, 1)
    return isAtBound ? startRevision + 1 : startRevision
  }

  /** What all watches have seen in the end. */
  async watched(): Promise<string[]> {
    await Promise.all(this.#watches.map((watch) => watch.settle()))
    return this.#watches.map(({ text }) => text)
  }
}
