interface Interval<Item> {
  readonly low: string
  readonly high: string
  readonly items: Item
  /** The greatest `high` in the subtree of which this is the root. */
  highMax: string
}

/**
 * Half-open intervals of keys, and which of them hold a given key: an interval tree laid out in a
 * sorted array, where the middle of each span is the root of its subtree. A change costs a pass
 * over the array before the next search; intervals come and go far less often than keys are
 * written, and a search touches O(log n + found).
 */
export class IntervalIndex<Item extends readonly unknown[]> {
  readonly #intervals: Interval<Item>[] = []
  #isStale = false

  get(low: string, high: string): Item | undefined {
    const found = this.#intervals[this.#place(low, high)]
    return found?.low === low && found.high === high ? found.items : undefined
  }

  /** Adds an interval that is not there yet. An empty one is kept and never found. */
  set(low: string, high: string, items: Item): void {
    this.#intervals.splice(this.#place(low, high), 0, { low, high, items, highMax: high })
    this.#isStale = true
  }

  delete(low: string, high: string): void {
    const place = this.#place(low, high)
    const found = this.#intervals[place]
    if (found?.low !== low || found.high !== high) return
    this.#intervals.splice(place, 1)
    this.#isStale = true
  }

  *values(): Iterable<Item> {
    for (const { items } of this.#intervals) yield items
  }

  /** Appends what the intervals that hold `key` have. */
  stab(key: string, found: Item[number][]): void {
    if (this.#isStale) this.#refresh()
    this.#stab(0, this.#intervals.length, key, found)
  }

  #stab(from: number, to: number, key: string, found: Item[number][]): void {
    if (from >= to) return
    const middle = (from + to) >>> 1
    const interval = this.#intervals[middle] as Interval<Item>
    if (interval.highMax <= key) return
    this.#stab(from, middle, key, found)
    if (interval.low > key) return
    if (interval.high > key) for (const item of interval.items) found.push(item)
    this.#stab(middle + 1, to, key, found)
  }

  #refresh(): void {
    this.#isStale = false
    this.#highMaxOf(0, this.#intervals.length)
  }

  #highMaxOf(from: number, to: number): string {
    if (from >= to) return ''
    const middle = (from + to) >>> 1
    const interval = this.#intervals[middle] as Interval<Item>
    const left = this.#highMaxOf(from, middle)
    const right = this.#highMaxOf(middle + 1, to)
    const below = left > right ? left : right
    interval.highMax = interval.high > below ? interval.high : below
    return interval.highMax
  }

  /** The first place whose interval is not before (`low`, `high`). */
  #place(low: string, high: string): number {
    let from = 0
    let to = this.#intervals.length
    while (from < to) {
      const middle = (from + to) >>> 1
      const interval = this.#intervals[middle] as Interval<Item>
      const isBefore = interval.low < low || (interval.low === low && interval.high < high)
      if (isBefore) from = middle + 1
      else to = middle
    }
    return from
  }
}
