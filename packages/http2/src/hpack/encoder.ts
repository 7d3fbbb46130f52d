import type { HeaderFields } from '../stream.js'
import { DynamicTable } from './dynamic-table.js'
import { huffmanEncode, huffmanLength } from './huffman.js'
import { STATIC_TABLE } from './tables.js'

/** What a client must be able to hold unless it says otherwise. Source: RFC 9113, 6.5.2. */
const TABLE_BYTES = 4096
/** Of a field: what says how it is given, and two lengths. */
const FIELD_BYTES_MAX = 11
const RESIZE_BYTES_MAX = 12

/** Said anew by every answer, or a secret: they would push out what is worth keeping. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'audit-id',
  'content-length',
  'content-range',
  'etag',
  'grpc-message',
  'last-modified',
  'location',
  'set-cookie',
])

interface KnownName {
  /** Of a field with this name in the static table, 0: there is none. */
  readonly staticIndex: number
  readonly staticValues: ReadonlyMap<string, number>
  /** By value, the number of the field in the dynamic table. */
  readonly kept: Map<string, number>
}

/** Writes the header blocks of one connection, in the order in which they are sent. */
export class HeaderEncoder {
  readonly #table = new DynamicTable(TABLE_BYTES, (name, value, number) => {
    const kept = this.#names.get(name)?.kept
    if (kept?.get(value) === number) kept.delete(value)
  })
  readonly #names = new Map<string, KnownName>()
  #tableBytes = TABLE_BYTES
  /** The smallest size since the last block, and the last: both are said in the next one. */
  #smallest: number | undefined
  #at = 0
  #into: Uint8Array = EMPTY

  /** The client's SETTINGS_HEADER_TABLE_SIZE. */
  resize(bytes: number): void {
    const used = Math.min(bytes, TABLE_BYTES)
    if (used === this.#tableBytes) return
    this.#smallest = Math.min(this.#smallest ?? used, used)
    this.#tableBytes = used
    this.#table.resize(used)
  }

  /** The same fields give the same block, if they change nothing and nothing has to be said first. */
  get generation(): number {
    return this.#smallest === undefined ? this.#table.added : -1
  }

  /** The most bytes that `encode` will write. */
  static lengthMax(fields: HeaderFields): number {
    let bytes = RESIZE_BYTES_MAX + FIELD_BYTES_MAX
    for (const text of fields) bytes += text.length + FIELD_BYTES_MAX
    return bytes
  }

  /** With `:status` before the fields if there is one. Answers where it stopped writing. */
  encode(
    status: number | undefined,
    fields: HeaderFields,
    into: Uint8Array,
    start: number,
  ): number {
    this.#into = into
    this.#at = start
    if (this.#smallest !== undefined) {
      this.#integer(0x20, 0x1f, this.#smallest)
      if (this.#smallest < this.#tableBytes) this.#integer(0x20, 0x1f, this.#tableBytes)
      this.#smallest = undefined
    }
    if (status !== undefined) this.#field(':status', String(status))
    for (let i = 0; i + 1 < fields.length; i += 2) {
      this.#field(fields[i] as string, fields[i + 1] as string)
    }
    this.#into = EMPTY
    return this.#at
  }

  #field(name: string, value: string): void {
    const known = this.#names.get(name) ?? this.#learn(name)
    const number = known.kept.get(value)
    const index =
      number === undefined
        ? known.staticValues.get(value)
        : STATIC_TABLE.length + this.#table.added - number
    if (index !== undefined) {
      this.#integer(0x80, 0x7f, index)
      return
    }
    const isKept = !NOT_KEPT.has(name) && this.#tableBytes > 0
    const nameIndex = known.staticIndex || this.#keptName(known)
    if (isKept) this.#integer(0x40, 0x3f, nameIndex)
    else this.#integer(0, 0x0f, nameIndex)
    if (nameIndex === 0) this.#packed(name)
    if (!isKept) {
      this.#plain(value)
      return
    }
    this.#packed(value)
    const added = this.#table.add(name, value)
    if (added !== undefined) known.kept.set(value, added)
  }

  /** The index of some field with this name, 0: there is none. */
  #keptName({ kept }: KnownName): number {
    for (const number of kept.values()) return STATIC_TABLE.length + this.#table.added - number
    return 0
  }

  #learn(name: string): KnownName {
    const staticValues = new Map<string, number>()
    let staticIndex = 0
    STATIC_TABLE.forEach(([other, value], i) => {
      if (other !== name) return
      if (staticIndex === 0) staticIndex = i + 1
      if (value !== '') staticValues.set(value, i + 1)
    })
    const known = { staticIndex, staticValues, kept: new Map<string, number>() }
    // Names are ours and few; but they may come from a client's object.
    if (this.#names.size < NAMES_MAX) this.#names.set(name, known)
    return known
  }

  /** Source: RFC 7541, 5.1. */
  #integer(pattern: number, mask: number, value: number): void {
    const into = this.#into
    if (value < mask) {
      into[this.#at++] = pattern | value
      return
    }
    into[this.#at++] = pattern | mask
    let rest = value - mask
    while (rest >= 0x80) {
      into[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    into[this.#at++] = rest
  }

  /** What is said once and then referred to is worth packing. */
  #packed(text: string): void {
    const length = huffmanLength(text)
    if (length >= text.length) {
      this.#plain(text)
      return
    }
    this.#integer(0x80, 0x7f, length)
    this.#at = huffmanEncode(text, this.#into, this.#at)
  }

  #plain(text: string): void {
    this.#integer(0, 0x7f, text.length)
    const into = this.#into
    for (let i = 0; i < text.length; i++) into[this.#at++] = text.charCodeAt(i)
  }
}

const EMPTY = new Uint8Array(0)
const NAMES_MAX = 1000
