import { type Clock, type EncodedWatchEvent, expired, type Timer } from '@miniplane/api'
import type { Limits } from '../limits.js'
import type { Log } from '../log.js'
import type { StoredObject } from '../storage/stored-object.js'
import { CacheEvent, EncodedEvent } from './cache-event.js'
import { EventHistory } from './event-history.js'
import { ObjectIndex } from './object-index.js'
import { Watcher, WatcherIndex, type WatchScope, type WatchSink } from './watcher-index.js'

/** One change as the store reports it, with the objects already decoded. */
export interface CacheChange {
  readonly namespace: string
  readonly name: string
  readonly revision: number
  /** Absent: the object is gone. */
  readonly current?: StoredObject
}

export interface WatchRequest {
  readonly scope: WatchScope
  /** Changes after this revision; absent: what there is first, then every change. */
  readonly fromRevision?: number | undefined
  readonly wantsBookmarks: boolean
  /** A bookmark marks where what there was ends (`sendInitialEvents`). */
  readonly marksInitialEnd: boolean
}

export interface WatchCacheOptions {
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  /** An object of the kind that has nothing but a resourceVersion (and annotations). */
  bookmark(revision: number, annotations?: Record<string, string>): EncodedEvent
}

/**
 * All objects of one resource as of `revision`, their latest changes, and everybody who watches
 * them. Fed by one watch of the store; changes reach watchers before `apply` returns.
 */
export class WatchCache {
  readonly #options: WatchCacheOptions
  readonly #objects = new ObjectIndex()
  readonly #history: EventHistory
  readonly #watchers = new WatcherIndex()
  #revision = 0
  #bookmarkTimer: Timer | undefined
  readonly #waiting = new Set<{ readonly revision: number; readonly resolve: () => void }>()

  constructor(options: WatchCacheOptions) {
    this.#options = options
    const { watchCacheEventsMax: eventsMax, watchCacheBytesMax: bytesMax } = options.limits
    this.#history = new EventHistory({ eventsMax, bytesMax }, 0)
  }

  /** Everything up to this revision of the store is in here. */
  get revision(): number {
    return this.#revision
  }

  get size(): number {
    return this.#objects.size
  }

  get watcherCount(): number {
    return this.#watchers.size
  }

  /** Starts from a listing at `revision`, before which nothing changed since `floor`. */
  load(objects: Iterable<CacheChange>, revision: number, floor = revision): void {
    this.#objects.clear()
    for (const { namespace, name, current } of objects) {
      if (current) this.#objects.set(namespace, name, current)
    }
    this.#history.reset(floor)
    this.#revision = revision
    this.#advance(revision)
  }

  /**
   * Catches up with a listing at `revision` when the changes up to it can't be had one by one.
   * Watchers get the difference; one that already knows some of those changes, but not which, has
   * to list again, and so has everybody who wants to begin in between.
   */
  replace(listing: readonly CacheChange[], revision: number): void {
    for (const watcher of [...this.#watchers])
      if (watcher.afterRevision > this.#revision) this.#expire(watcher)
    for (const change of this.#difference(listing)) this.#applyOne(change)
    this.#history.reset(revision)
    this.#advance(revision)
  }

  /** Takes in changes in the order of their revisions and tells the watchers. */
  apply(changes: readonly CacheChange[], revision: number): void {
    for (const change of changes) this.#applyOne(change)
    this.#advance(revision)
  }

  /** Nothing happened up to `revision`. */
  progress(revision: number): void {
    if (revision > this.#revision) this.#advance(revision)
  }

  get(namespace: string, name: string): StoredObject | undefined {
    return this.#objects.get(namespace, name)
  }

  /** In the order of their keys, from `startKey` on. Later writes don't change the answer. */
  list(namespace?: string, startKey?: string): readonly StoredObject[] {
    return this.#objects.objects(namespace, startKey)
  }

  count(namespace?: string): number {
    return this.#objects.count(namespace)
  }

  /**
   * Calls `reached` once the cache holds everything up to `revision`, which it does not yet.
   * Returns the function that stops waiting: anybody can ask for a revision that never comes.
   */
  onReached(revision: number, reached: () => void): () => void {
    const waiting = { revision, resolve: reached }
    this.#waiting.add(waiting)
    return () => this.#waiting.delete(waiting)
  }

  /** Returns the function that ends the watch; `sink.onEnd` then comes no more. */
  watch(request: WatchRequest, sink: WatchSink): () => void {
    const initial = this.#initialEvents(request)
    if (!initial) {
      sink.onEvents([this.#tooOld(request.fromRevision)])
      sink.onEnd()
      return () => {}
    }
    const after = Math.max(this.#revision, request.fromRevision ?? 0)
    const watcher = new Watcher(request.scope, sink, after, request.wantsBookmarks)
    this.#watchers.add(watcher)
    if (initial.length > 0) this.#deliver(watcher, initial)
    if (request.wantsBookmarks) this.#scheduleBookmarks()
    return () => this.#watchers.delete(watcher)
  }

  /** Their clients list again. */
  endWatches(): void {
    for (const watcher of [...this.#watchers]) this.#end(watcher)
  }

  /** Ends every watch, as when the server stops. */
  close(): void {
    this.#bookmarkTimer?.cancel()
    this.#bookmarkTimer = undefined
    this.endWatches()
  }

  #applyOne({ namespace, name, revision, current }: CacheChange): void {
    const previous = current
      ? this.#objects.set(namespace, name, current)
      : this.#objects.delete(namespace, name)
    const shown = current ?? previous?.at(revision)
    if (!shown) return
    const event = new CacheEvent(revision, shown, previous, !current)
    this.#history.push(event)
    this.#watchers.concerned(namespace, name, (watcher) => {
      const view = watcher.view(event)
      if (view) this.#deliver(watcher, [view])
    })
  }

  /**
   * Deletions first, right after what is known: when exactly they were, the listing does not say.
   * A name that another object has taken meanwhile is a deletion and an addition.
   */
  #difference(listing: readonly CacheChange[]): CacheChange[] {
    const listed = new Map(listing.map((one) => [`${one.namespace}/${one.name}`, one.current]))
    const deletions: CacheChange[] = []
    for (const { object } of this.#objects.objects()) {
      const { namespace = '', name = '', uid } = object.metadata
      if (listed.get(`${namespace}/${name}`)?.object.metadata.uid !== uid)
        deletions.push({ namespace, name, revision: this.#revision + 1 })
    }
    const news = listing.filter(
      ({ namespace, name, revision }) => this.get(namespace, name)?.revision !== revision,
    )
    return [...deletions, ...news.sort((a, b) => a.revision - b.revision)]
  }

  #tooOld(revision: number | undefined): EncodedEvent {
    const { status } = expired(`too old resource version: ${revision} (${this.#history.floor + 1})`)
    return new EncodedEvent('ERROR', { object: status, json: () => encode(status) })
  }

  #expire(watcher: Watcher): void {
    this.#deliver(watcher, [this.#tooOld(watcher.afterRevision)])
    this.#end(watcher)
  }

  #initialEvents(request: WatchRequest): EncodedWatchEvent[] | undefined {
    const { scope, fromRevision, marksInitialEnd } = request
    if (fromRevision !== undefined) {
      const missed = this.#history.since(fromRevision)
      if (!missed) return undefined
      const catchUp = new Watcher(scope, NO_SINK, fromRevision, false)
      return missed
        .filter(({ current: { object } }) => inScope(scope, object.metadata))
        .flatMap((event) => catchUp.view(event) ?? [])
    }
    const events: EncodedWatchEvent[] = []
    for (const stored of this.#candidates(scope)) {
      if (!inScope(scope, stored.object.metadata)) continue
      if (scope.matches && !scope.matches(stored.object)) continue
      events.push(new EncodedEvent('ADDED', stored))
    }
    if (marksInitialEnd) events.push(this.#options.bookmark(this.#revision, INITIAL_EVENTS_END))
    return events
  }

  #candidates({ namespace, name }: WatchScope): Iterable<StoredObject> {
    if (namespace === undefined || name === undefined) return this.list(namespace)
    const one = this.get(namespace, name)
    return one ? [one] : []
  }

  /** A sink that throws loses its watch; it must not fail the write that it was told about. */
  #deliver(watcher: Watcher, events: readonly EncodedWatchEvent[]): void {
    try {
      watcher.sink.onEvents(events)
    } catch (error) {
      this.#options.log.error('a watcher failed and was ended', { error })
      this.#end(watcher)
    }
  }

  #end(watcher: Watcher): void {
    this.#watchers.delete(watcher)
    try {
      watcher.sink.onEnd()
    } catch (error) {
      this.#options.log.error('a watcher failed when it was ended', { error })
    }
  }

  #advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision)
    for (const waiting of this.#waiting) {
      if (waiting.revision > this.#revision) continue
      this.#waiting.delete(waiting)
      waiting.resolve()
    }
  }

  #scheduleBookmarks(): void {
    if (this.#bookmarkTimer) return
    const { clock, limits } = this.#options
    this.#bookmarkTimer = clock.setTimer(limits.bookmarkIntervalMs, () => {
      this.#bookmarkTimer = undefined
      this.#sendBookmarks()
    })
  }

  #sendBookmarks(): void {
    const wanting = [...this.#watchers].filter((watcher) => watcher.wantsBookmarks)
    if (wanting.length === 0) return
    const bookmark = this.#options.bookmark(this.#revision)
    for (const watcher of wanting) this.#deliver(watcher, [bookmark])
    this.#scheduleBookmarks()
  }
}

const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' }
const NO_SINK: WatchSink = { onEvents() {}, onEnd() {} }
const encode = (value: unknown) => Buffer.from(`${JSON.stringify(value)}\n`)

const inScope = (
  { namespace, name }: WatchScope,
  metadata: { namespace?: string; name?: string },
): boolean =>
  (namespace === undefined || (metadata.namespace ?? '') === namespace) &&
  (name === undefined || metadata.name === name)
