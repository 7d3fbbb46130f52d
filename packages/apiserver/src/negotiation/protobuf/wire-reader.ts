/** Bytes that are no protobuf message. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

const decoder = new TextDecoder()

/** Reads the parts of a message in the order in which they stand. Source: protobuf's encoding. */
export class WireReader {
  readonly #view: DataView
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** A field's number and wire type. */
  tag(): { readonly field: number; readonly wireType: number } {
    const key = Number(this.varint())
    return { field: key >>> 3, wireType: key & 7 }
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new WireError('unexpected EOF')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new WireError('proto: integer overflow')
  }

  /** Signed, as int32 and int64 are written. Throws beyond what a number holds exactly. */
  integer(): number {
    const value = Number(BigInt.asIntN(64, this.varint()))
    if (!Number.isSafeInteger(value)) throw new WireError('proto: integer out of range')
    return value
  }

  double(): number {
    this.#need(8)
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }

  bytes(): Uint8Array {
    const length = Number(this.varint())
    this.#need(length)
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  string(): string {
    return decoder.decode(this.bytes())
  }

  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.varint()
        return
      case 1:
        this.#need(8)
        this.#at += 8
        return
      case 2:
        this.bytes()
        return
      case 5:
        this.#need(4)
        this.#at += 4
        return
      default:
        throw new WireError(`proto: illegal wireType ${wireType}`)
    }
  }

  #need(length: number): void {
    if (this.#at + length > this.#bytes.length) throw new WireError('unexpected EOF')
  }
}
