interface Entry<Item> {
  readonly dueMs: number
  readonly item: Item
}

/** What falls due when, the earliest first; a binary heap. */
export class ExpiryQueue<Item> {
  readonly #heap: Entry<Item>[] = []

  get firstMs(): number | undefined {
    return this.#heap[0]?.dueMs
  }

  push(dueMs: number, item: Item): void {
    const heap = this.#heap
    let place = heap.length
    heap.push({ dueMs, item })
    while (place > 0) {
      const parent = (place - 1) >>> 1
      if (this.#dueMs(parent) <= this.#dueMs(place)) return
      this.#swap(place, parent)
      place = parent
    }
  }

  clear(): void {
    this.#heap.length = 0
  }

  /** Takes out the earliest if it is due by `nowMs`. */
  popUntil(nowMs: number): Item | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.dueMs > nowMs) return undefined
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sinkFirst()
    }
    return first.item
  }

  #sinkFirst(): void {
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      const right = left + 1
      let earliest = place
      if (this.#dueMs(left) < this.#dueMs(earliest)) earliest = left
      if (this.#dueMs(right) < this.#dueMs(earliest)) earliest = right
      if (earliest === place) return
      this.#swap(place, earliest)
      place = earliest
    }
  }

  /** Past the end: never. */
  #dueMs(place: number): number {
    return this.#heap[place]?.dueMs ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    const entry = heap[a] as Entry<Item>
    heap[a] = heap[b] as Entry<Item>
    heap[b] = entry
  }
}
