/**
 * Keeps at least the last keys that were used whose values weigh `weightMax` together, and at most
 * twice as many. A value that weighs more than that alone is not kept.
 */
export class RecentlyUsed<K, V> {
  readonly #weightMax: number
  readonly #weigh: (key: K, value: V) => number
  #recent = new Map<K, V>()
  #earlier: ReadonlyMap<K, V> = new Map()
  /** Of the recent ones. */
  #weight = 0

  /** `weigh` says how much a value counts; each counts one by default. */
  constructor(weightMax: number, weigh: (key: K, value: V) => number = () => 1) {
    this.#weightMax = weightMax
    this.#weigh = weigh
  }

  get(key: K): V | undefined {
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent
    const earlier = this.#earlier.get(key)
    if (earlier !== undefined) this.set(key, earlier)
    return earlier
  }

  set(key: K, value: V): void {
    const weight = this.#weigh(key, value)
    if (weight > this.#weightMax) return
    if (this.#weight + weight > this.#weightMax) {
      this.#earlier = this.#recent
      this.#recent = new Map()
      this.#weight = 0
    }
    this.#recent.set(key, value)
    this.#weight += weight
  }
}

/** So many characters of a signature, and so many fields of a set, count as one ordinary object's. */
const CHARACTERS = 8 * 1024
const FIELDS = 256

/** Of what is found by a signature: both grow with the number of fields. */
export const signatureWeight = (signature: string): number =>
  1 + Math.floor(signature.length / CHARACTERS)

export const setWeight = (_: unknown, set: Tree): number => 1 + Math.floor(sizeOf(set) / FIELDS)

interface Tree {
  readonly children: ReadonlyMap<string, Tree>
}

function sizeOf({ children }: Tree): number {
  let size = children.size
  for (const child of children.values()) if (child.children.size > 0) size += sizeOf(child)
  return size
}
