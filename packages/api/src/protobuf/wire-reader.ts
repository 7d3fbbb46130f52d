import { wholeNumber } from '../json/integer.js'

/** Bytes that are no protobuf message; the message is the one of Go's generated code. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

export const VARINT = 0
export const FIXED64 = 1
export const DELIMITED = 2
const START_GROUP = 3
const END_GROUP = 4
const FIXED32 = 5

/** Longer varints hold more than 64 bits. */
const VARINT_BYTES_MAX = 10
const TWO_POW_28 = 2 ** 28
const TWO_POW_64 = 2n ** 64n
/** Groups in groups: nothing writes them any more, and nothing needs the stack for them. */
const GROUPS_MAX = 100

/**
 * Reads the parts of a message in the order in which they stand; one reader for a message and all
 * that are in it. Every method throws `WireError` at what it can't read.
 * Source: protobuf's encoding guide.
 */
export class WireReader {
  readonly #bytes: Buffer
  #at: number
  #end: number
  /** Of the field that `nextField` found. */
  wireType = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = 0
    this.#end = bytes.byteLength
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  /** The next field's number; its wire type is `wireType` then. */
  nextField(): number {
    const key = this.varint()
    this.wireType = key % 8
    const field = Math.floor(key / 8)
    if (field === 0 || field > 0x1fffffff)
      throw new WireError(`proto: illegal tag ${field} (wire type ${this.wireType})`)
    if (this.wireType === END_GROUP) throw new WireError('proto: wiretype end group for non-group')
    return field
  }

  /** Unsigned; exact up to 2^53, rounded beyond. */
  varint(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.#byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return this.#longVarint(value)
  }

  /** Signed, as int32 and int64 are written (`wholeNumber`). */
  integer(): number | bigint {
    const start = this.#at
    const value = this.varint()
    if (value <= Number.MAX_SAFE_INTEGER) return value
    this.#at = start
    return wholeNumber(BigInt.asIntN(64, this.#bigVarint()))
  }

  /** As an int32: what does not fit is cut off, as Go does. */
  int32(): number {
    return Number(BigInt.asIntN(32, BigInt(this.integer())))
  }

  double(): number {
    const at = this.#take(8)
    return this.#bytes.readDoubleLE(at)
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const length = this.#length()
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  string(): string {
    const length = this.#length()
    const at = this.#take(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  /** Narrows the reader to the message that begins here; give the answer to `leave`. */
  enter(): number {
    const length = this.#length()
    if (length > this.#end - this.#at) throw new WireError('unexpected EOF')
    const outerEnd = this.#end
    this.#end = this.#at + length
    return outerEnd
  }

  leave(outerEnd: number): void {
    this.#at = this.#end
    this.#end = outerEnd
  }

  /** Passes over the value of a field with this wire type. */
  skip(wireType: number, depth = 0): void {
    switch (wireType) {
      case VARINT:
        this.varint()
        return
      case FIXED64:
        this.#take(8)
        return
      case DELIMITED:
        this.#take(this.#length())
        return
      case START_GROUP:
        this.#skipGroup(depth)
        return
      case FIXED32:
        this.#take(4)
        return
      default:
        throw new WireError(`proto: illegal wireType ${wireType}`)
    }
  }

  #skipGroup(depth: number): void {
    if (depth > GROUPS_MAX) throw new WireError('proto: groups are nested too deeply')
    for (;;) {
      const wireType = this.varint() % 8
      if (wireType === END_GROUP) return
      this.skip(wireType, depth + 1)
    }
  }

  #longVarint(low: number): number {
    let value = low
    let scale = TWO_POW_28
    for (let read = 4; read < VARINT_BYTES_MAX; read++) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new WireError('proto: integer overflow')
  }

  #bigVarint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value % TWO_POW_64
    }
  }

  #length(): number {
    const length = this.varint()
    if (length >= 2 ** 63) throw new WireError('proto: negative length found during unmarshaling')
    return length
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new WireError('unexpected EOF')
    return this.#bytes[this.#at++] as number
  }

  /** Where the next `length` bytes begin. */
  #take(length: number): number {
    const at = this.#at
    if (length > this.#end - at) throw new WireError('unexpected EOF')
    this.#at = at + length
    return at
  }
}
