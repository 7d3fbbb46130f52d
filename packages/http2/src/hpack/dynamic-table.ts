/** What a field takes beside its name and value. Source: RFC 7541, 4.1. */
export const FIELD_OVERHEAD_BYTES = 32

/**
 * The fields that one side of a connection has said and may refer to: first in, first out, bounded
 * by bytes. Source: RFC 7541, 2.3.2 and 4.
 */
export class DynamicTable {
  /** In a ring: field `n`, counted from the first that ever came, is at `n & mask`. */
  readonly #names: string[]
  readonly #values: string[]
  readonly #mask: number
  readonly #onEvicted: ((name: string, value: string, number: number) => void) | undefined
  #added = 0
  #evicted = 0
  #bytes = 0
  #bytesMax: number

  /** `bytesLimit` is the most that `resize` will ever ask for. */
  constructor(
    bytesLimit: number,
    onEvicted?: (name: string, value: string, number: number) => void,
  ) {
    let capacity = 1
    while (capacity * FIELD_OVERHEAD_BYTES <= bytesLimit) capacity *= 2
    this.#names = new Array<string>(capacity).fill('')
    this.#values = new Array<string>(capacity).fill('')
    this.#mask = capacity - 1
    this.#bytesMax = bytesLimit
    this.#onEvicted = onEvicted
  }

  get length(): number {
    return this.#added - this.#evicted
  }

  /** How many were ever added: grows with every change but an eviction by `resize`. */
  get added(): number {
    return this.#added
  }

  /** By age: 0 is the youngest. */
  name(age: number): string {
    return this.#names[(this.#added - 1 - age) & this.#mask] as string
  }

  value(age: number): string {
    return this.#values[(this.#added - 1 - age) & this.#mask] as string
  }

  /** Answers the field's number. One that is larger than the table empties it, and is not in it. */
  add(name: string, value: string): number | undefined {
    const bytes = name.length + value.length + FIELD_OVERHEAD_BYTES
    this.#evictTo(this.#bytesMax - bytes)
    if (bytes > this.#bytesMax) return undefined
    const number = this.#added++
    this.#names[number & this.#mask] = name
    this.#values[number & this.#mask] = value
    this.#bytes += bytes
    return number
  }

  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax
    this.#evictTo(bytesMax)
  }

  #evictTo(bytes: number): void {
    while (this.#bytes > bytes && this.#evicted < this.#added) {
      const at = this.#evicted & this.#mask
      const name = this.#names[at] as string
      const value = this.#values[at] as string
      this.#bytes -= name.length + value.length + FIELD_OVERHEAD_BYTES
      this.#names[at] = ''
      this.#values[at] = ''
      this.#onEvicted?.(name, value, this.#evicted)
      this.#evicted++
    }
  }
}
