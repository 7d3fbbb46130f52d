import type { StoredObject } from '../storage/stored-object.js'

/** The objects of one namespace (or of the cluster), by name; ordered when a list asks. */
class Bucket {
  readonly byName = new Map<string, StoredObject>()
  #names: string[] = []
  #isSorted = true

  set(name: string, object: StoredObject): StoredObject | undefined {
    const previous = this.byName.get(name)
    this.byName.set(name, object)
    if (!previous) {
      this.#names.push(name)
      this.#isSorted = false
    }
    return previous
  }

  delete(name: string): StoredObject | undefined {
    const previous = this.byName.get(name)
    if (this.byName.delete(name)) this.#isSorted = false
    return previous
  }

  /** The list is sorted but for what came since, which is what the sort is quick at. */
  sortedNames(): readonly string[] {
    if (!this.#isSorted) {
      this.#names = [...new Set(this.#names.filter((name) => this.byName.has(name)))].sort(compare)
      this.#isSorted = true
    }
    return this.#names
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** All objects of one resource, in the order of their keys in the store. */
export class ObjectIndex {
  readonly #buckets = new Map<string, Bucket>()
  #size = 0
  #namespaces: string[] | undefined

  get size(): number {
    return this.#size
  }

  get(namespace: string, name: string): StoredObject | undefined {
    return this.#buckets.get(namespace)?.byName.get(name)
  }

  /** Returns what was there before. */
  set(namespace: string, name: string, object: StoredObject): StoredObject | undefined {
    let bucket = this.#buckets.get(namespace)
    if (!bucket) {
      bucket = new Bucket()
      this.#buckets.set(namespace, bucket)
      this.#namespaces = undefined
    }
    const previous = bucket.set(name, object)
    if (!previous) this.#size++
    return previous
  }

  delete(namespace: string, name: string): StoredObject | undefined {
    const bucket = this.#buckets.get(namespace)
    const previous = bucket?.delete(name)
    if (!bucket || !previous) return undefined
    this.#size--
    if (bucket.byName.size === 0) {
      this.#buckets.delete(namespace)
      this.#namespaces = undefined
    }
    return previous
  }

  clear(): void {
    this.#buckets.clear()
    this.#size = 0
    this.#namespaces = undefined
  }

  /** How many objects a list of `namespace` (of all, when undefined) goes through. */
  count(namespace: string | undefined): number {
    if (namespace === undefined) return this.#size
    return this.#buckets.get(namespace)?.byName.size ?? 0
  }

  /** Ordered by key, from after `afterKey` (`namespace/name`, or `name`) on. */
  *objects(namespace?: string, afterKey?: string): Generator<StoredObject> {
    const slash = afterKey?.indexOf('/') ?? -1
    const afterNamespace =
      afterKey === undefined ? undefined : afterKey.slice(0, Math.max(slash, 0))
    const afterName = afterKey?.slice(slash + 1)
    for (const each of namespace === undefined ? this.#sortedNamespaces() : [namespace]) {
      const bucket = this.#buckets.get(each)
      if (!bucket) continue
      if (afterNamespace !== undefined && `${each}/` < `${afterNamespace}/`) continue
      const from = afterNamespace === each ? afterName : undefined
      for (const name of bucket.sortedNames()) {
        if (from !== undefined && name <= from) continue
        const object = bucket.byName.get(name)
        if (object) yield object
      }
    }
  }

  /** Keys are ordered by bytes with the slash, so `a-b/x` comes before `a/x`. */
  #sortedNamespaces(): readonly string[] {
    this.#namespaces ??= [...this.#buckets.keys()].sort((a, b) => compare(`${a}/`, `${b}/`))
    return this.#namespaces
  }
}
