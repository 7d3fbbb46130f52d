import { type Clock, type KubeObject, tooLargeResourceVersion } from '@miniplane/api'
import type { KeyValue, StoreClient } from '@miniplane/store'
import type { Limits } from '../limits.js'
import type { Log } from '../log.js'
import type { CacheChange, WatchCache } from '../watch-cache/watch-cache.js'
import { ObjectCodec } from './codec.js'
import { keyTail, prefixEnd } from './keys.js'
import { LeasePool } from './lease-pool.js'
import type { StorageMediaType } from './media-type.js'
import { StoreFollower } from './store-follower.js'
import type { StoredObject } from './stored-object.js'

export interface ObjectStorageOptions {
  readonly store: StoreClient
  /** Whether a finished write has reached every watch already, so that caches are never behind. */
  readonly isStoreEmbedded: boolean
  /** The revision from which on nobody wrote to such a store who did not do it through here. */
  beganAt?(): Promise<number>
  readonly prefix: string
  readonly namespaced: boolean
  readonly cache: WatchCache
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  /** What objects are written as; default JSON. Both are read. */
  readonly mediaType?: StorageMediaType | undefined
  /** Seconds an object lives after each write; absent: for ever. */
  readonly ttlSeconds?: number
}

/** What a write that compares revisions comes to. */
export type WriteResult =
  | { readonly outcome: 'written'; readonly stored: StoredObject }
  /** Somebody was faster; `current` is what is there now, if anything. */
  | { readonly outcome: 'conflict'; readonly current: StoredObject | undefined }

export interface PastListing {
  readonly objects: readonly StoredObject[]
  readonly revision: number
  readonly remaining: number
}

/**
 * The objects of one resource: written to the store one transaction each, read from a cache that
 * follows the store. Keys are `<prefix><namespace>/<name>`.
 */
export class ObjectStorage {
  readonly prefix: string
  readonly cache: WatchCache
  readonly #options: ObjectStorageOptions
  readonly #codec: ObjectCodec
  readonly #leases: LeasePool
  readonly #follower: StoreFollower
  #started: Promise<void> | undefined
  #isSynced = false

  constructor(options: ObjectStorageOptions) {
    this.#options = options
    this.#codec = new ObjectCodec(options.mediaType)
    this.#leases = new LeasePool(options.store, options.clock)
    this.prefix = options.prefix
    this.cache = options.cache
    this.#follower = new StoreFollower({
      ...options,
      present: (kv) => this.#change(kv),
      absent: (key, revision) => ({ ...this.#split(key), revision }),
    })
  }

  /**
   * Lists once and then follows; every other method may be called after this resolved. Rejects when
   * the store does not answer; the next call tries again.
   */
  start(): Promise<void> {
    this.#started ??= this.#fill().catch((error: unknown) => {
      this.#started = undefined
      throw error
    })
    return this.#started
  }

  /** Objects live for a time only, as Events do, of which the real server keeps no cache. */
  get isShortLived(): boolean {
    return this.#options.ttlSeconds !== undefined
  }

  get isStarted(): boolean {
    return this.#isSynced
  }

  keyOf(namespace: string | undefined, name: string): string {
    return toStoreKey(`${this.prefix}${keyTail(namespace, name)}`)
  }

  /** The latest state. With a store behind a network, one round trip. */
  async get(namespace: string | undefined, name: string): Promise<StoredObject | undefined> {
    if (this.#options.isStoreEmbedded) return this.cache.get(namespace ?? '', name)
    const { kvs } = await this.#options.store.range({ key: this.keyOf(namespace, name) })
    return kvs[0] && this.#codec.decode(kvs[0])
  }

  /** Takes `draft` over. A conflict means that the key exists. */
  create(namespace: string | undefined, name: string, draft: KubeObject): Promise<WriteResult> {
    return this.#write(this.keyOf(namespace, name), 0, draft)
  }

  /** Takes `draft` over; replaces exactly the revision that was read. */
  update(stored: StoredObject, draft: KubeObject): Promise<WriteResult> {
    return this.#write(stored.key, stored.revision, draft)
  }

  /** Answers the last state under the revision of the deletion. */
  async delete(stored: StoredObject): Promise<WriteResult> {
    const response = await this.#options.store.txn({
      compare: [{ key: stored.key, target: 'mod', op: '=', operand: stored.revision }],
      success: [{ type: 'deleteRange', key: stored.key }],
      failure: [{ type: 'range', key: stored.key }],
    })
    if (!response.succeeded) return this.#conflict(response.responses[0])
    return { outcome: 'written', stored: stored.at(response.header.revision) }
  }

  /** The store's revision now; afterwards the cache holds everything up to it. */
  async currentRevision(): Promise<number> {
    const { header } = await this.#options.store.range({
      key: this.prefix,
      limit: 1,
      countOnly: true,
    })
    await this.catchUp(header.revision)
    return header.revision
  }

  /** Waits until the cache has seen `revision`; answers 504 when that takes too long. */
  async catchUp(revision: number): Promise<void> {
    if (this.cache.revision >= revision) return
    this.#follower.requestProgress()
    // A store in this process has told by now.
    if (this.cache.revision >= revision) return
    const { clock, limits } = this.#options
    await new Promise<void>((resolve, reject) => {
      const timer = clock.setTimer(limits.freshnessTimeoutMs, () => {
        forget()
        reject(tooLargeResourceVersion(revision, this.cache.revision, 1))
      })
      const forget = this.cache.onReached(revision, () => {
        timer.cancel()
        resolve()
      })
    })
  }

  /** A listing as of a past revision, from the store's history. */
  async listAt(
    namespace: string | undefined,
    revision: number,
    page: { startKey?: string | undefined; limit?: number | undefined },
  ): Promise<PastListing> {
    const first = toStoreKey(namespace === undefined ? this.prefix : `${this.prefix}${namespace}/`)
    const start = toStoreKey(this.prefix + (page.startKey ?? ''))
    const response = await this.#options.store.range({
      key: start > first ? start : first,
      rangeEnd: prefixEnd(first),
      revision,
      limit: page.limit,
    })
    return {
      objects: response.kvs.map((kv) => this.#codec.decode(kv)),
      revision,
      remaining: response.count - response.kvs.length,
    }
  }

  close(): void {
    this.#follower.close()
    this.cache.close()
  }

  async #write(key: string, revision: number, draft: KubeObject): Promise<WriteResult> {
    const { store, ttlSeconds } = this.#options
    const value = this.#codec.encode(draft)
    const lease = ttlSeconds === undefined ? undefined : await this.#leases.lease(ttlSeconds)
    const response = await store.txn({
      compare: [{ key, target: 'mod', op: '=', operand: revision }],
      success: [{ type: 'put', key, value, lease }],
      failure: [{ type: 'range', key }],
    })
    if (!response.succeeded) return this.#conflict(response.responses[0])
    const modRevision = response.header.revision
    return { outcome: 'written', stored: this.#codec.decode({ key, value, modRevision }) }
  }

  #conflict(response: unknown): WriteResult {
    const kv = (response as { kvs?: readonly KeyValue[] } | undefined)?.kvs?.[0]
    return { outcome: 'conflict', current: kv && this.#codec.decode(kv) }
  }

  async #fill(): Promise<void> {
    const { isStoreEmbedded, beganAt } = this.#options
    await this.#follower.start(isStoreEmbedded ? await beganAt?.() : undefined)
    this.#isSynced = true
    await this.currentRevision()
  }

  #change(kv: KeyValue): CacheChange {
    const { namespace, name } = this.#split(kv.key)
    return { namespace, name, revision: kv.modRevision, current: this.#codec.decode(kv) }
  }

  #split(key: string): { namespace: string; name: string } {
    const tail = fromStoreKey(key.slice(this.prefix.length))
    const slash = this.#options.namespaced ? tail.indexOf('/') : -1
    return { namespace: tail.slice(0, Math.max(slash, 0)), name: tail.slice(slash + 1) }
  }
}

const NOT_ASCII = /[^\0-\x7f]/

/** The store's keys are bytes, one a char. */
const toStoreKey = (key: string): string =>
  NOT_ASCII.test(key) ? Buffer.from(key, 'utf8').toString('latin1') : key

const fromStoreKey = (key: string): string =>
  NOT_ASCII.test(key) ? Buffer.from(key, 'latin1').toString('utf8') : key
