import { ELEMENT_BYTES, PAGE_HEADER_BYTES } from './format.js'

/** A branch with one child would be none. */
const CHILDREN_MIN = 2

/** One level of a tree: how its entries are spread over its nodes. A node may be several pages. */
export interface LevelPlan {
  readonly counts: readonly number[]
  readonly bytes: readonly number[]
  /** Of each node's first key, by which the level above finds it. */
  readonly keySizes: readonly number[]
}

/** Where everything of a tree will lie, known from the sizes of its keys and values alone. */
export interface TreePlan {
  /** The leaves first, the root last. They are written in this order, without gaps. */
  readonly levels: readonly LevelPlan[]
  readonly pageCount: number
  /** Of the root, counted from the tree's first page. */
  readonly rootPage: number
}

/** Spreads entries over nodes as they come: a node takes what fits into a page, and at least one. */
export class TreePlanner {
  readonly #pageSize: number
  readonly #leaves: LevelPlanner

  constructor(pageSize: number) {
    this.#pageSize = pageSize
    this.#leaves = new LevelPlanner(pageSize, 1)
  }

  add(keySize: number, valueSize: number): void {
    this.#leaves.add(keySize, keySize + valueSize)
  }

  finish(): TreePlan {
    const levels = [this.#leaves.finish()]
    for (;;) {
      const below = levels.at(-1) as LevelPlan
      if (below.counts.length === 1) break
      const level = new LevelPlanner(this.#pageSize, CHILDREN_MIN)
      for (const keySize of below.keySizes) level.add(keySize, keySize)
      levels.push(level.finish())
    }
    let pageCount = 0
    let rootPage = 0
    for (const { bytes } of levels) {
      for (const nodeBytes of bytes) {
        rootPage = pageCount
        pageCount += pagesOf(nodeBytes, this.#pageSize)
      }
    }
    return { levels, pageCount, rootPage }
  }
}

export const pagesOf = (bytes: number, pageSize: number): number => Math.ceil(bytes / pageSize)

class LevelPlanner {
  readonly #pageSize: number
  readonly #entriesMin: number
  readonly #counts: number[] = []
  readonly #bytes: number[] = []
  readonly #keySizes: number[] = []
  #nodeCount = 0
  #nodeBytes = PAGE_HEADER_BYTES
  #nodeKeySize = 0

  constructor(pageSize: number, entriesMin: number) {
    this.#pageSize = pageSize
    this.#entriesMin = entriesMin
  }

  add(keySize: number, dataSize: number): void {
    const bytes = ELEMENT_BYTES + dataSize
    if (this.#nodeCount >= this.#entriesMin && this.#nodeBytes + bytes > this.#pageSize) {
      this.#closeNode()
    }
    if (this.#nodeCount === 0) this.#nodeKeySize = keySize
    this.#nodeCount++
    this.#nodeBytes += bytes
  }

  finish(): LevelPlan {
    const last = this.#counts.length - 1
    if (last >= 0 && this.#nodeCount < this.#entriesMin) {
      // Too few for a node of their own: they go into the last one, which may overflow.
      this.#counts[last] = (this.#counts[last] as number) + this.#nodeCount
      this.#bytes[last] = (this.#bytes[last] as number) + this.#nodeBytes - PAGE_HEADER_BYTES
    } else {
      this.#closeNode()
    }
    return { counts: this.#counts, bytes: this.#bytes, keySizes: this.#keySizes }
  }

  #closeNode(): void {
    this.#counts.push(this.#nodeCount)
    this.#bytes.push(this.#nodeBytes)
    this.#keySizes.push(this.#nodeKeySize)
    this.#nodeCount = 0
    this.#nodeBytes = PAGE_HEADER_BYTES
  }
}
