/** What a field takes beside its name and value. Source: RFC 7541, 4.1. */
export const FIELD_OVERHEAD_BYTES = 32

/**
 * The fields that one side of a connection has said and may refer to: first in, first out, bounded
 * by bytes. Source: RFC 7541, 2.3.2 and 4.
 */
export class DynamicTable {
  /** In a ring that grows: field `n`, counted from the first that ever came, is at `n & mask`. */
  #names: string[] = ['']
  #values: string[] = ['']
  #mask = 0
  readonly #onEvicted: ((name: string, value: string, number: number) => void) | undefined
  #added = 0
  #evicted = 0
  #bytes = 0
  #bytesMax: number

  constructor(bytesMax: number, onEvicted?: (name: string, value: string, number: number) => void) {
    this.#bytesMax = bytesMax
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
    if (this.length > this.#mask) this.#grow()
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

  #grow(): void {
    const capacity = (this.#mask + 1) * 2
    const names = new Array<string>(capacity).fill('')
    const values = new Array<string>(capacity).fill('')
    for (let number = this.#evicted; number < this.#added; number++) {
      names[number & (capacity - 1)] = this.#names[number & this.#mask] as string
      values[number & (capacity - 1)] = this.#values[number & this.#mask] as string
    }
    this.#names = names
    this.#values = values
    this.#mask = capacity - 1
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
