import type { StoredObject } from '../storage/stored-object.js'

/** Beyond so many changes a list is made anew. */
const CHANGES_MAX = 64

/** The objects of one namespace (or of the cluster), by name; ordered when a list asks. */
class Bucket {
  readonly byName = new Map<string, StoredObject>()
  /** In the order of their names, but for what has changed since. Never written to: lists hold it. */
  #sorted: readonly StoredObject[] | undefined
  readonly #changed = new Set<string>()

  set(name: string, object: StoredObject): StoredObject | undefined {
    const previous = this.byName.get(name)
    this.byName.set(name, object)
    this.#change(name)
    return previous
  }

  delete(name: string): StoredObject | undefined {
    const previous = this.byName.get(name)
    if (this.byName.delete(name)) this.#change(name)
    return previous
  }

  sorted(): readonly StoredObject[] {
    if (!this.#sorted) {
      const names = [...this.byName.keys()].sort(compare)
      this.#sorted = names.map((name) => this.byName.get(name) as StoredObject)
    } else if (this.#changed.size > 0) this.#sorted = this.#updated(this.#sorted)
    this.#changed.clear()
    return this.#sorted
  }

  #change(name: string): void {
    if (!this.#sorted) return
    this.#changed.add(name)
    if (this.#changed.size <= CHANGES_MAX) return
    this.#sorted = undefined
    this.#changed.clear()
  }

  #updated(before: readonly StoredObject[]): readonly StoredObject[] {
    const sorted = before.slice()
    for (const name of this.#changed) {
      const at = positionOf(sorted, name)
      const isThere = sorted[at] !== undefined && nameOf(sorted[at]) === name
      const object = this.byName.get(name)
      if (object) sorted.splice(at, isThere ? 1 : 0, object)
      else if (isThere) sorted.splice(at, 1)
    }
    return sorted
  }
}

const nameOf = ({ object }: StoredObject): string => object.metadata.name ?? ''

/** Where the first name stands that is not less than `name`. */
function positionOf(sorted: readonly StoredObject[], name: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (nameOf(sorted[middle] as StoredObject) < name) low = middle + 1
    else high = middle
  }
  return low
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

  /**
   * Ordered by key, from `startKey` (`namespace/name`, or `name`) on. What it answers stays as it
   * is, whatever is written later.
   */
  objects(namespace?: string, startKey?: string): readonly StoredObject[] {
    if (namespace !== undefined) return this.#from(namespace, startKey)
    const found = this.#sortedNamespaces().map((each) => this.#from(each, startKey))
    return found.length === 1 ? (found[0] as readonly StoredObject[]) : found.flat()
  }

  #from(namespace: string, startKey: string | undefined): readonly StoredObject[] {
    const sorted = this.#buckets.get(namespace)?.sorted() ?? []
    if (startKey === undefined) return sorted
    const prefix = namespace === '' ? '' : `${namespace}/`
    if (!startKey.startsWith(prefix)) return prefix < startKey ? [] : sorted
    return sorted.slice(positionOf(sorted, startKey.slice(prefix.length)))
  }

  /** Keys are ordered by bytes with the slash, so `a-b/x` comes before `a/x`. */
  #sortedNamespaces(): readonly string[] {
    this.#namespaces ??= [...this.#buckets.keys()].sort((a, b) => compare(`${a}/`, `${b}/`))
    return this.#namespaces
  }
}
