import type { KubeObject } from '@miniplane/api'
import { type Cache, keyOf } from '@miniplane/client'

interface Assumption<T> {
  /** What the cache showed when it was made. */
  readonly base: T | undefined
  readonly object: T
}

/** A cache as it will be once the writes are through that have been decided on. */
export class AssumedObjects<T extends KubeObject> {
  readonly #cache: Cache<T>
  readonly #assumed = new Map<string, Assumption<T>>()

  constructor(cache: Cache<T>) {
    this.#cache = cache
  }

  get(key: string): T | undefined {
    return this.#current(key, this.#cache.get(key))
  }

  list(): T[] {
    const all = this.#cache.list()
    if (this.#assumed.size === 0) return all
    return all.map((object) => this.#current(keyOf(object), object) ?? object)
  }

  assume(object: T): void {
    const key = keyOf(object)
    this.#assumed.set(key, { base: this.#cache.get(key), object })
  }

  /** It did not come to the write. */
  forget(object: T): void {
    const key = keyOf(object)
    if (this.#assumed.get(key)?.object === object) this.#assumed.delete(key)
  }

  /** Whatever the cache hears is newer than what was assumed. */
  #current(key: string, cached: T | undefined): T | undefined {
    const assumption = this.#assumed.get(key)
    if (!assumption) return cached
    if (assumption.base === cached) return assumption.object
    this.#assumed.delete(key)
    return cached
  }
}
