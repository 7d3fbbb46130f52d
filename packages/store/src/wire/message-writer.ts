const TWO_TO_32 = 0x1_0000_0000

const BUFFER_BYTES = 64 * 1024

/** A larger buffer is given back after use. */
const BUFFER_BYTES_KEPT = 1024 * 1024

/** Up to so many characters a loop is cheaper than a call out of JavaScript. */
const SHORT_TEXT = 48

/**
 * Writes one message after the other into a buffer of its own, and hands out copies of just their
 * size. (protobufjs makes each message a buffer that grows, all of which stays in memory as long as
 * the message does: a log entry of 280 bytes held 1,260. And such bytes lie outside of the heap,
 * where every 64 MiB of new ones make V8 go through all of the heap.)
 */
export class MessageWriter {
  #bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #length = 0
  /** Where the messages begin that are being written within others. */
  #starts: number[] = []

  /** Forgets what an earlier message left. */
  begin(): void {
    this.#length = 0
    this.#starts.length = 0
  }

  /** The message; it belongs to the caller. */
  finish(): Uint8Array {
    const message = Buffer.allocUnsafe(this.#length)
    message.set(this.#bytes.subarray(0, this.#length))
    if (this.#bytes.length > BUFFER_BYTES_KEPT) this.#bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES)
    return message
  }

  /** Field number and wire type, a length, or a number of the type. */
  uint32(value: number): void {
    this.#reserve(5)
    this.#length = writeVarint(this.#bytes, this.#length, value >>> 0)
  }

  int32(value: number): void {
    if (value >= 0) this.uint32(value)
    else this.#halves(value >>> 0, 0xffff_ffff)
  }

  /** A whole number, of any sign. */
  integer(value: number): void {
    if (value >= 0 && value < TWO_TO_32) this.uint32(value)
    else this.#halves(value >>> 0, Math.floor(value / TWO_TO_32) >>> 0)
  }

  uint64(value: bigint): void {
    const high = BigInt.asUintN(32, value >> 32n)
    this.#halves(Number(BigInt.asUintN(32, value)), Number(high))
  }

  bool(value: boolean): void {
    this.uint32(value ? 1 : 0)
  }

  bytes(value: Uint8Array): void {
    this.uint32(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** Each character is a byte. */
  latin1(value: string): void {
    const { length } = value
    this.uint32(length)
    this.#reserve(length)
    if (length <= SHORT_TEXT) {
      const bytes = this.#bytes
      let at = this.#length
      for (let i = 0; i < length; i++) bytes[at++] = value.charCodeAt(i)
    } else {
      this.#bytes.write(value, this.#length, length, 'latin1')
    }
    this.#length += length
  }

  utf8(value: string): void {
    const length = Buffer.byteLength(value)
    this.uint32(length)
    this.#reserve(length)
    this.#bytes.write(value, this.#length, length, 'utf8')
    this.#length += length
  }

  /** What is written until `endNested` has its length before it. */
  beginNested(): void {
    this.#reserve(1)
    this.#length++
    this.#starts.push(this.#length)
  }

  endNested(): void {
    const start = this.#starts.pop() as number
    const length = this.#length - start
    const more = varintBytes(length) - 1
    if (more > 0) {
      // There was room for one byte: most messages within others are that short.
      this.#reserve(more)
      this.#bytes.copyWithin(start + more, start, this.#length)
      this.#length += more
    }
    writeVarint(this.#bytes, start - 1, length)
  }

  /** The halves of a number of 64 bits. */
  #halves(low: number, high: number): void {
    this.#reserve(10)
    const bytes = this.#bytes
    let at = this.#length
    while (high > 0) {
      bytes[at++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.#length = writeVarint(bytes, at, low)
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}

const varintBytes = (value: number): number => {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

/** Answers where it ends. */
function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}
