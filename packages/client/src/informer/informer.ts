import type { Clock, KubeObject, Ledger, Timer, WatchEvent } from '@miniplane/api'
import { isStatusError, type Status, StatusError } from '@miniplane/api'
import type { Client } from '../client.js'
import { limits } from '../limits.js'
import type { Log } from '../log.js'
import type { ResourceRef } from '../resources.js'
import { type Cache, IndexedCache } from './cache.js'
import { keyOf } from './key.js'

/** What a consumer learns. Objects are shared and must not be written to. */
export interface InformerHandler<T> {
  onAdd?(object: T): void
  /** Also called with an unchanged object on a resync. */
  onUpdate?(old: T, object: T): void
  /** `object` is the last state that was seen, which may not be the last there was. */
  onDelete?(object: T): void
}

/**
 * A read copy of one resource that follows the server: list, then watch from there; list again
 * whenever the watch can't be continued (410) and tell handlers only what really changed.
 *
 * A handler may conclude that every object it was told of existed; not that it saw every state in
 * between, and not how two resources relate in time: each informer follows at its own pace.
 */
export interface Informer<T extends KubeObject = KubeObject> {
  /** Handlers added late are told of everything known so far. Returns the removal. */
  addHandler(handler: InformerHandler<T>): () => void
  readonly cache: Cache<T>
  readonly hasSynced: boolean
  /** Resolves when the first list is in the cache, or when it never will be: the informer stopped. */
  synced(): Promise<void>
}

export interface InformerOptions {
  readonly clock: Clock
  readonly ledger?: Ledger
  readonly log?: Log
  /** Tells handlers of every object again this often; 0 or absent: never. */
  readonly resyncMs?: number
  /** Narrows what is followed. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

const FIRST_BACKOFF_MS = 100

/** One watch connection, so that a late word from an old one is not taken for the present one's. */
interface Watch {
  ended: boolean
  delivered: boolean
}

export class ListWatchInformer<T extends KubeObject> implements Informer<T> {
  readonly cache = new IndexedCache<T>()
  readonly #client: Client
  readonly #ref: ResourceRef<T>
  readonly #options: InformerOptions
  readonly #handlers = new Set<InformerHandler<T>>()
  readonly #waiting: (() => void)[] = []
  #synced = false
  #stopped = false
  #resourceVersion = ''
  #backoffMs = FIRST_BACKOFF_MS
  /** The last try ended so; a server that says nothing else must not keep us spinning. */
  #hasJustExpired = false
  #endWatch: (() => void) | undefined
  #retry: Timer | undefined
  #resync: Timer | undefined

  constructor(client: Client, ref: ResourceRef<T>, options: InformerOptions) {
    this.#client = client
    this.#ref = ref
    this.#options = options
  }

  get hasSynced(): boolean {
    return this.#synced
  }

  synced(): Promise<void> {
    if (this.#synced || this.#stopped) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  addHandler(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler)
    if (handler.onAdd) for (const object of this.cache.list()) handler.onAdd(object)
    return () => this.#handlers.delete(handler)
  }

  start(): void {
    void this.#listAndWatch()
    this.#scheduleResync()
  }

  stop(): void {
    this.#stopped = true
    this.#retry?.cancel()
    this.#resync?.cancel()
    this.#endWatch?.()
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** One round; a failure of any kind leads to another round after a pause. */
  async #listAndWatch(): Promise<void> {
    try {
      await this.#list()
      await this.#watch()
      this.#backoffMs = FIRST_BACKOFF_MS
    } catch (error) {
      this.#again(error)
    }
  }

  async #list(): Promise<void> {
    const list = await this.#client.of(this.#ref).list(this.#selection())
    if (this.#stopped) return
    this.#resourceVersion = list.metadata.resourceVersion ?? ''
    const gone = new Set(this.cache.keys())
    for (const object of list.items) {
      gone.delete(keyOf(object))
      this.#put(object)
    }
    for (const key of gone) this.#remove(key)
    this.#synced = true
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async #watch(): Promise<void> {
    if (this.#stopped) return
    const watch: Watch = { ended: false, delivered: false }
    const end = await this.#client.of(this.#ref).watch(
      { ...this.#selection(), resourceVersion: this.#resourceVersion, allowWatchBookmarks: true },
      {
        onEvents: (events) => this.#onEvents(watch, events as readonly WatchEvent<T>[]),
        onEnd: (error) => this.#onEnd(watch, error),
      },
    )
    // It may have ended before its promise was looked at.
    if (this.#stopped || watch.ended) end()
    else this.#endWatch = end
  }

  #onEvents(watch: Watch, events: readonly WatchEvent<T>[]): void {
    this.#options.ledger?.begin('watchEvent')
    try {
      for (const event of events) {
        if (this.#stopped || watch.ended) return
        this.#onEvent(watch, event)
      }
    } finally {
      this.#options.ledger?.end('watchEvent')
    }
  }

  #onEvent(watch: Watch, { type, object }: WatchEvent<T>): void {
    if (type === 'ERROR') {
      watch.ended = true
      this.#endWatch?.()
      this.#again(new StatusError(object as unknown as Status))
      return
    }
    watch.delivered = true
    this.#hasJustExpired = false
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion
    if (type === 'DELETED') this.#remove(keyOf(object), object)
    else if (type !== 'BOOKMARK') this.#put(object)
  }

  #onEnd(watch: Watch, error: unknown): void {
    if (this.#stopped || watch.ended) return
    watch.ended = true
    if (error !== undefined) {
      this.#again(error)
      return
    }
    // A watch may end at any time (time-outs, restarts): go on from where it stood; but a server
    // that ends every watch at once must not keep us spinning.
    const pauseMs = watch.delivered ? 0 : FIRST_BACKOFF_MS
    this.#retry = this.#options.clock.setTimer(pauseMs, () => {
      this.#watch().catch((cause: unknown) => this.#again(cause))
    })
  }

  #again(error: unknown): void {
    if (this.#stopped) return
    const expired = isStatusError(error, 'Expired') || isStatusError(error, 'Gone')
    if (!expired) {
      this.#options.log?.warn(`list-watch of ${this.#ref.resource} failed, trying again`, { error })
    }
    const pauseMs = expired && !this.#hasJustExpired ? 0 : this.#backoffMs
    this.#hasJustExpired = expired
    this.#backoffMs = Math.min(this.#backoffMs * 2, limits.relistBackoffMaxMs)
    this.#retry?.cancel()
    this.#retry = this.#options.clock.setTimer(pauseMs, () => void this.#listAndWatch())
  }

  #put(object: T): void {
    const old = this.cache.set(object)
    if (old === undefined) this.#tell((handler) => handler.onAdd?.(object))
    else if (old.metadata.resourceVersion !== object.metadata.resourceVersion) {
      this.#tell((handler) => handler.onUpdate?.(old, object))
    }
  }

  #remove(key: string, last?: T): void {
    const old = this.cache.delete(key)
    const object = last ?? old
    if (old === undefined || object === undefined) return
    this.#tell((handler) => handler.onDelete?.(object))
  }

  /** A handler's bug must not reach the server, whose write may be what is being delivered. */
  #tell(call: (handler: InformerHandler<T>) => void): void {
    for (const handler of this.#handlers) {
      try {
        call(handler)
      } catch (error) {
        this.#options.log?.error(`a handler of ${this.#ref.resource} failed`, { error })
      }
    }
  }

  #scheduleResync(): void {
    const { resyncMs, clock } = this.#options
    if (!resyncMs) return
    this.#resync = clock.setTimer(resyncMs, () => {
      for (const object of this.cache.list()) {
        this.#tell((handler) => handler.onUpdate?.(object, object))
      }
      this.#scheduleResync()
    })
  }

  #selection() {
    const { namespace, labelSelector, fieldSelector } = this.#options
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    }
  }
}
