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
export const bucketOf = (name: string, entries: readonly Entry[]): BucketSource => {
  const sorted = [...entries].sort(([a], [b]) => Buffer.compare(a, b))
  return { name, entries: () => new ListCursor(sorted) }
}

export class ListCursor implements EntryCursor {
  readonly #entries: readonly Entry[]
  #place = -1

  constructor(entries: readonly Entry[]) {
    this.#entries = entries
  }

  next(): boolean {
    this.#place++
    return this.#place < this.#entries.length
  }

  get keySize(): number {
    return this.#current[0].length
  }

  get valueSize(): number {
    return this.#current[1].length
  }

  copyTo(target: Buffer, at: number): void {
    const [key, value] = this.#current
    target.set(key, at)
    target.set(value, at + key.length)
  }

  get #current(): Entry {
    return this.#entries[this.#place] as Entry
  }
}
