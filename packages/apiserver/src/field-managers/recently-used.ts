/** Keeps at least the last `entriesMax` keys that were used, and at most twice as many. */
export class RecentlyUsed<K, V> {
  readonly #entriesMax: number
  #recent = new Map<K, V>()
  #earlier: ReadonlyMap<K, V> = new Map()

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax
  }

  get(key: K): V | undefined {
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent
    const earlier = this.#earlier.get(key)
    if (earlier !== undefined) this.set(key, earlier)
    return earlier
  }

  set(key: K, value: V): void {
    if (this.#recent.size >= this.#entriesMax) {
      this.#earlier = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, value)
  }
}
