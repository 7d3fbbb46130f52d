import { ConnectionError, ErrorCode } from '../errors.js'
import { DynamicTable, FIELD_OVERHEAD_BYTES } from './dynamic-table.js'
import { decodedLengthMax, huffmanDecode } from './huffman.js'
import { STATIC_TABLE } from './tables.js'

const STATIC_LENGTH = STATIC_TABLE.length

/** Reads the header blocks of one connection, in their order: each may change what the next one means. */
export class HeaderDecoder {
  readonly #table: DynamicTable
  readonly #tableBytesMax: number
  readonly #listBytesMax: number
  #resizes = 0
  // Where it is in the block that it reads.
  #bytes: Buffer = EMPTY
  #at = 0
  #end = 0

  constructor(limits: { readonly tableBytesMax: number; readonly listBytesMax: number }) {
    this.#tableBytesMax = limits.tableBytesMax
    this.#listBytesMax = limits.listBytesMax
    this.#table = new DynamicTable(limits.tableBytesMax)
  }

  /** While it stays the same, the same block means the same. */
  get generation(): number {
    return this.#table.added + this.#resizes
  }

  /**
   * Names and values in turn. Undefined: there are more of them than are taken in, but the block was
   * read. Throws a `ConnectionError`, after which nothing can be read any more.
   */
  decode(bytes: Buffer, start: number, end: number): string[] | undefined {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    const fields: string[] = []
    let listBytes = 0
    while (this.#at < this.#end) {
      const first = bytes[this.#at] as number
      if ((first & 0xe0) === 0x20) {
        if (fields.length > 0 || listBytes > 0) throw bad('a table resized within a block')
        this.#resize()
        continue
      }
      let name: string
      let value: string
      if (first & 0x80) {
        const index = this.#integer(0x7f)
        name = this.#nameAt(index)
        value = this.#valueAt(index)
      } else {
        const isKept = (first & 0x40) !== 0
        const index = this.#integer(isKept ? 0x3f : 0x0f)
        name = index === 0 ? this.#string() : this.#nameAt(index)
        value = this.#string()
        if (isKept && this.#table.add(name, value) === undefined) this.#resizes++
      }
      listBytes += name.length + value.length + FIELD_OVERHEAD_BYTES
      if (listBytes <= this.#listBytesMax) fields.push(name, value)
    }
    this.#bytes = EMPTY
    return listBytes <= this.#listBytesMax ? fields : undefined
  }

  #resize(): void {
    const bytes = this.#integer(0x1f)
    if (bytes > this.#tableBytesMax) throw bad('a table larger than allowed')
    this.#table.resize(bytes)
    this.#resizes++
  }

  #nameAt(index: number): string {
    if (index <= STATIC_LENGTH) return this.#static(index)[0]
    return this.#table.name(this.#ageOf(index))
  }

  #valueAt(index: number): string {
    if (index <= STATIC_LENGTH) return this.#static(index)[1]
    return this.#table.value(this.#ageOf(index))
  }

  #static(index: number): readonly [string, string] {
    const field = STATIC_TABLE[index - 1]
    if (field === undefined) throw bad('index 0')
    return field
  }

  #ageOf(index: number): number {
    const age = index - STATIC_LENGTH - 1
    if (age >= this.#table.length) throw bad(`index ${index} beyond the table`)
    return age
  }

  /** Source: RFC 7541, 5.1. `mask`: the bits of the first byte that belong to it. */
  #integer(mask: number): number {
    const bytes = this.#bytes
    let value = (bytes[this.#at++] as number) & mask
    if (value < mask) return value
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.#at >= this.#end) throw bad('an integer that is cut off')
      const byte = bytes[this.#at++] as number
      value += (byte & 0x7f) << shift
      if ((byte & 0x80) === 0) return value
    }
    throw bad('an integer that is too large')
  }

  #string(): string {
    if (this.#at >= this.#end) throw bad('a string that is cut off')
    const isPacked = ((this.#bytes[this.#at] as number) & 0x80) !== 0
    const length = this.#integer(0x7f)
    const start = this.#at
    const end = start + length
    if (end > this.#end) throw bad('a string that is cut off')
    this.#at = end
    if (!isPacked) return this.#bytes.toString('latin1', start, end)
    const text = Buffer.allocUnsafe(decodedLengthMax(length))
    const written = huffmanDecode(this.#bytes, start, end, text)
    if (written < 0) throw bad('a string that is no Huffman code')
    return text.toString('latin1', 0, written)
  }
}

const EMPTY = Buffer.alloc(0)

const bad = (problem: string) => new ConnectionError(ErrorCode.compressionError, problem)
