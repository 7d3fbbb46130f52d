/**
 * Keys and values on their way into a database, one at a time and in order of key. They say how
 * large they are before they are made, and are made in the place where they will lie.
 */
export interface EntryCursor {
  /** Goes on to the next one; the first call to the first. False: there is none. */
  next(): boolean
  readonly keySize: number
  readonly valueSize: number
  /** Writes the key and, right behind it, the value. */
  copyTo(target: Buffer, at: number): void
}

/** A bucket to be written. */
export interface BucketSource {
  readonly name: string
  /** From the beginning; every time the same. */
  entries(): EntryCursor
}

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')

/** A bucket of what is at hand. */
export const bucketOf = (name: string, entries: readonly Entry[]): BucketSource =>
  orderedBucket(
    name,
    entries.toSorted(([a], [b]) => Buffer.compare(a, b)),
    (entry) => entry,
  )

/** A bucket whose entries are made when they are needed; `items` are in the order of their keys. */
export const orderedBucket = <Item>(
  name: string,
  items: readonly Item[],
  entryOf: (item: Item) => Entry,
): BucketSource => ({ name, entries: () => new ListCursor(items, entryOf) })

class ListCursor<Item> implements EntryCursor {
  readonly #items: readonly Item[]
  readonly #entryOf: (item: Item) => Entry
  #place = 0
  #key: Uint8Array = NOTHING
  #value: Uint8Array = NOTHING

  constructor(items: readonly Item[], entryOf: (item: Item) => Entry) {
    this.#items = items
    this.#entryOf = entryOf
  }

  next(): boolean {
    const place = this.#place++
    if (place >= this.#items.length) return false
    const [key, value] = this.#entryOf(this.#items[place] as Item)
    this.#key = key
    this.#value = value
    return true
  }

  get keySize(): number {
    return this.#key.length
  }

  get valueSize(): number {
    return this.#value.length
  }

  copyTo(target: Buffer, at: number): void {
    target.set(this.#key, at)
    target.set(this.#value, at + this.#key.length)
  }
}

const NOTHING = new Uint8Array(0)
