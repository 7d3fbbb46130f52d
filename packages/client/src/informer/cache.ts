import type { KubeObject } from '@miniplane/api'
import { keyOf } from './key.js'

/** What an index function says of an object: the values under which it is to be found. */
export type IndexFunction<T> = (object: T) => readonly string[]

interface Index<T> {
  readonly valuesOf: IndexFunction<T>
  /** value → key → object */
  readonly buckets: Map<string, Map<string, T>>
}

/** What readers may do. Objects are shared with everybody: never write to them. */
export interface Cache<T extends KubeObject> {
  get(key: string): T | undefined
  list(namespace?: string): T[]
  /** Objects for which the index function named `value`; the index must have been added. */
  byIndex(index: string, value: string): T[]
  /** Also indexes what is there already. Adding the same name again changes nothing. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void
  readonly size: number
}

/** An informer's read copy of a resource: a map by key, and whatever indexes its readers need. */
export class IndexedCache<T extends KubeObject> implements Cache<T> {
  readonly #objects = new Map<string, T>()
  readonly #indexes = new Map<string, Index<T>>()

  constructor() {
    this.addIndex('namespace', (object) => [object.metadata.namespace ?? ''])
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys()
  }

  list(namespace?: string): T[] {
    return namespace === undefined
      ? [...this.#objects.values()]
      : this.byIndex('namespace', namespace)
  }

  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name)
    if (!index)
      throw new Error(`no index "${name}" in this cache: add it before the informer starts`)
    const bucket = index.buckets.get(value)
    return bucket === undefined ? [] : [...bucket.values()]
  }

  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return
    const index: Index<T> = { valuesOf, buckets: new Map() }
    this.#indexes.set(name, index)
    for (const [key, object] of this.#objects) insert(index, key, object)
  }

  /** Returns what was there before. */
  set(object: T): T | undefined {
    const key = keyOf(object)
    const old = this.#objects.get(key)
    this.#objects.set(key, object)
    for (const index of this.#indexes.values()) {
      if (old !== undefined) remove(index, key, old)
      insert(index, key, object)
    }
    return old
  }

  delete(key: string): T | undefined {
    const old = this.#objects.get(key)
    if (old === undefined) return undefined
    this.#objects.delete(key)
    for (const index of this.#indexes.values()) remove(index, key, old)
    return old
  }
}

function insert<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    let bucket = index.buckets.get(value)
    if (bucket === undefined) {
      bucket = new Map()
      index.buckets.set(value, bucket)
    }
    bucket.set(key, object)
  }
}

function remove<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const bucket = index.buckets.get(value)
    if (bucket === undefined) continue
    bucket.delete(key)
    if (bucket.size === 0) index.buckets.delete(value)
  }
}
