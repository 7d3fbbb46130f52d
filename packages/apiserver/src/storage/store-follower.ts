import { type Clock, sleep } from '@miniplane/api'
import type { KeyValue, StoreClient, WatchBatch, WatchSubscription } from '@miniplane/store'
import type { Limits } from '../limits.js'
import type { Log } from '../log.js'
import type { CacheChange, WatchCache } from '../watch-cache/watch-cache.js'
import { prefixEnd } from './keys.js'

export interface StoreFollowerOptions {
  readonly store: StoreClient
  readonly prefix: string
  readonly cache: WatchCache
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  /** A key and its value as the cache takes them. */
  present(kv: KeyValue): CacheChange
  /** A key that is gone. */
  absent(key: string, revision: number): CacheChange
}

/**
 * Keeps a cache in step with the keys under one prefix: lists once, then follows the store's watch.
 * A watch that ends is taken up again after the last revision that arrived, so the cache's watchers
 * miss nothing, see nothing twice and are not cut. Three things may have happened meanwhile:
 *
 * - nothing: the store's history goes on where it was left;
 * - that part of the history is compacted: the cache gets the difference to a new listing;
 * - the store has lost revisions (a member that forgot, a backup put back): the cache starts over,
 *   and its watchers end, for what they know may never have been.
 *
 * A store that does not answer is asked again, after up to `limits.storeRetryMaxMs`, for ever.
 */
export class StoreFollower {
  readonly #options: StoreFollowerOptions
  readonly #closing = new AbortController()
  #subscription: WatchSubscription | undefined
  /** Since a batch last came. */
  #failures = 0

  constructor(options: StoreFollowerOptions) {
    this.#options = options
  }

  /**
   * Lists and begins to follow. Rejects when the store does not answer; may be called again then.
   * `floor`: since which revision it is known that nothing changed; else that of the listing.
   */
  async start(floor?: number): Promise<void> {
    const { listing, revision } = await this.#list()
    this.#options.cache.load(listing, revision, floor)
    this.#follow()
  }

  requestProgress(): void {
    this.#subscription?.requestProgress()
  }

  close(): void {
    this.#closing.abort()
    this.#subscription?.cancel()
  }

  #follow(): void {
    const { store, prefix, cache, log } = this.#options
    this.#subscription = store.subscribe(
      { key: prefix, rangeEnd: prefixEnd(prefix) },
      {
        onBatch: (batch) => this.#take(batch),
        onEnd: (end) => {
          if (this.#closing.signal.aborted) return
          const what = `the watch of ${prefix} ended (${end.reason}) at revision ${cache.revision}`
          log.warn(what, { ...end })
          void this.#resume(end.reason === 'compacted')
        },
      },
      { startRevision: cache.revision + 1 },
    )
  }

  #take({ revision, events }: WatchBatch): void {
    const { cache, present, absent } = this.#options
    this.#failures = 0
    if (events.length === 0) {
      cache.progress(revision)
      return
    }
    if (revision <= cache.revision) return
    const changes = events.map(({ type, kv }) =>
      type === 'put' ? present(kv) : absent(kv.key, kv.modRevision),
    )
    cache.apply(changes, revision)
  }

  async #resume(isCompacted: boolean): Promise<void> {
    const { prefix, clock, log, limits } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        if (this.#failures > 0) {
          const delayMs = limits.storeRetryMs * 2 ** Math.min(this.#failures - 1, 20)
          await sleep(clock, Math.min(delayMs, limits.storeRetryMaxMs), signal)
        }
        this.#failures++
        await this.#catchUp(isCompacted)
        if (!signal.aborted) this.#follow()
        return
      } catch (error) {
        if (signal.aborted) return
        log.warn(`cannot go on following ${prefix}; trying again`, { error })
      }
    }
  }

  /** Brings the cache to where a watch can go on. */
  async #catchUp(isCompacted: boolean): Promise<void> {
    const { store, prefix, cache, log } = this.#options
    const { header } = await store.range({ key: prefix, limit: 1, countOnly: true })
    const hasLostRevisions = header.revision < cache.revision
    if (!hasLostRevisions && !isCompacted) return
    const { listing, revision } = await this.#list()
    if (!hasLostRevisions) {
      cache.replace(listing, revision)
      return
    }
    log.error(`the store went back from ${cache.revision} to ${revision}; ${prefix} starts over`)
    cache.endWatches()
    cache.load(listing, revision)
  }

  async #list(): Promise<{ listing: readonly CacheChange[]; revision: number }> {
    const { store, prefix, present } = this.#options
    const { kvs, header } = await store.range({ key: prefix, rangeEnd: prefixEnd(prefix) })
    return { listing: kvs.map(present), revision: header.revision }
  }
}
