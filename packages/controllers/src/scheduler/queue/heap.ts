/** A binary heap: the least item by `compare` is always at hand, and any item can be removed. */
export class Heap<T> {
  readonly #compare: (a: T, b: T) => number
  readonly #items: T[] = []
  readonly #positions = new Map<T, number>()

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  has(item: T): boolean {
    return this.#positions.has(item)
  }

  push(item: T): void {
    this.#put(this.#items.length, item)
    this.#up(this.#items.length - 1)
  }

  pop(): T | undefined {
    const least = this.#items[0]
    if (least !== undefined) this.remove(least)
    return least
  }

  remove(item: T): boolean {
    const at = this.#positions.get(item)
    if (at === undefined) return false
    this.#positions.delete(item)
    const last = this.#items.pop()
    if (last !== undefined && last !== item) {
      this.#put(at, last)
      this.#down(at)
      this.#up(at)
    }
    return true
  }

  #up(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfLess(at, parent)) return
      at = parent
    }
  }

  #down(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1
      if (left >= this.#items.length) return
      const right = left + 1
      const least = right < this.#items.length && this.#isLess(right, left) ? right : left
      if (!this.#swapIfLess(least, at)) return
      at = least
    }
  }

  #isLess(a: number, b: number): boolean {
    return this.#compare(this.#items[a] as T, this.#items[b] as T) < 0
  }

  /** `child` and `parent` change places when they are in the wrong order. */
  #swapIfLess(child: number, parent: number): boolean {
    if (!this.#isLess(child, parent)) return false
    const item = this.#items[child] as T
    this.#put(child, this.#items[parent] as T)
    this.#put(parent, item)
    return true
  }

  #put(at: number, item: T): void {
    this.#items[at] = item
    this.#positions.set(item, at)
  }
}
