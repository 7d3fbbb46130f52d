import type { EncodedWatchEvent, KubeObject } from '@miniplane/api'
import type { CacheEvent } from './cache-event.js'

export interface WatchSink {
  onEvents(events: readonly EncodedWatchEvent[]): void
  onEnd(): void
}

/** Which objects a watcher is about; a narrow scope keeps other objects' changes away from it. */
export interface WatchScope {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined
  /** Absent: all names. */
  readonly name?: string | undefined
  /** Absent: everything in scope matches. */
  readonly matches?: ((object: KubeObject) => boolean) | undefined
}

export class Watcher {
  readonly scope: WatchScope
  readonly sink: WatchSink
  /** Changes up to here are not for this watcher. */
  afterRevision: number
  readonly wantsBookmarks: boolean

  constructor(scope: WatchScope, sink: WatchSink, afterRevision: number, wantsBookmarks: boolean) {
    this.scope = scope
    this.sink = sink
    this.afterRevision = afterRevision
    this.wantsBookmarks = wantsBookmarks
  }

  /** The event as this watcher sees it. */
  view(event: CacheEvent): EncodedWatchEvent | undefined {
    if (event.revision <= this.afterRevision) return undefined
    const { matches } = this.scope
    return matches ? event.seenThrough(matches) : event.plain
  }
}

/** Watchers by what they watch, so that a change meets only those whom it concerns. */
export class WatcherIndex {
  readonly #all = new Set<Watcher>()
  readonly #everywhere = new Set<Watcher>()
  readonly #byNamespace = new Map<string, Set<Watcher>>()
  readonly #byObject = new Map<string, Set<Watcher>>()

  get size(): number {
    return this.#all.size
  }

  [Symbol.iterator](): Iterator<Watcher> {
    return this.#all[Symbol.iterator]()
  }

  add(watcher: Watcher): void {
    this.#all.add(watcher)
    const { namespace, name } = watcher.scope
    if (namespace === undefined) this.#everywhere.add(watcher)
    else if (name === undefined) put(this.#byNamespace, namespace, watcher)
    else put(this.#byObject, `${namespace}/${name}`, watcher)
  }

  delete(watcher: Watcher): void {
    if (!this.#all.delete(watcher)) return
    const { namespace, name } = watcher.scope
    if (namespace === undefined) this.#everywhere.delete(watcher)
    else if (name === undefined) take(this.#byNamespace, namespace, watcher)
    else take(this.#byObject, `${namespace}/${name}`, watcher)
  }

  /** Calls `visit` for each watcher whose scope holds the object; it may remove watchers. */
  concerned(namespace: string, name: string, visit: (watcher: Watcher) => void): void {
    for (const watcher of this.#everywhere) {
      const only = watcher.scope.name
      if (only === undefined || only === name) visit(watcher)
    }
    for (const watcher of this.#byNamespace.get(namespace) ?? []) visit(watcher)
    if (this.#byObject.size === 0) return
    for (const watcher of this.#byObject.get(`${namespace}/${name}`) ?? []) visit(watcher)
  }
}

function put(map: Map<string, Set<Watcher>>, key: string, watcher: Watcher): void {
  const set = map.get(key)
  if (set) set.add(watcher)
  else map.set(key, new Set([watcher]))
}

function take(map: Map<string, Set<Watcher>>, key: string, watcher: Watcher): void {
  const set = map.get(key)
  set?.delete(watcher)
  if (set?.size === 0) map.delete(key)
}
