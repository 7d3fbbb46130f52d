const FIRST_SIZE = 4096
/** Strings up to here are written a character at a time: cheaper than a call out of JavaScript. */
const SHORT_STRING = 48
const TWO_POW_31 = 2 ** 31

/**
 * Writes a message from its end to its beginning, as Go's generated code does: when a length comes
 * to be written, what it counts stands already. One writer may write message after message.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_SIZE)
  /** Where what is written begins. */
  #at = FIRST_SIZE

  /** How much is written. */
  get length(): number {
    return this.#buffer.length - this.#at
  }

  /** A copy of what is written; the writer is empty again. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(this.#at))
    this.#at = this.#buffer.length
    return bytes
  }

  /** Forgets what is written, as when it could not be finished. */
  clear(): void {
    this.#at = this.#buffer.length
  }

  byte(value: number): void {
    if (this.#at === 0) this.#grow(1)
    this.#buffer[--this.#at] = value
  }

  /** A whole number of 0 to 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      this.byte(value)
      return
    }
    if (this.#at < 10) this.#grow(10)
    const size = varintSize(value)
    this.#at -= size
    let at = this.#at
    let rest = value
    for (; rest >= TWO_POW_31; rest = Math.floor(rest / 128))
      this.#buffer[at++] = (rest % 128) | 0x80
    for (; rest >= 0x80; rest >>>= 7) this.#buffer[at++] = (rest & 0x7f) | 0x80
    this.#buffer[at] = rest
  }

  /** Signed, as int32 and int64 are written: a negative number takes ten bytes. */
  integer(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.varint(value)
      return
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    const bytes: number[] = []
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
    bytes.push(Number(rest))
    this.raw(Uint8Array.from(bytes))
  }

  double(value: number): void {
    if (this.#at < 8) this.#grow(8)
    this.#at -= 8
    this.#buffer.writeDoubleLE(value, this.#at)
  }

  raw(bytes: Uint8Array): void {
    if (this.#at < bytes.length) this.#grow(bytes.length)
    this.#at -= bytes.length
    this.#buffer.set(bytes, this.#at)
  }

  /** The text in UTF-8 with its length in front. */
  string(text: string): void {
    const before = this.length
    if (text.length > SHORT_STRING || !this.#ascii(text)) this.#utf8(text)
    this.varint(this.length - before)
  }

  bytes(bytes: Uint8Array): void {
    this.raw(bytes)
    this.varint(bytes.length)
  }

  /** False, and nothing written, when the text has other characters. */
  #ascii(text: string): boolean {
    const { length } = text
    if (this.#at < length) this.#grow(length)
    const buffer = this.#buffer
    let at = this.#at
    for (let i = length - 1; i >= 0; i--) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) return false
      buffer[--at] = code
    }
    this.#at = at
    return true
  }

  #utf8(text: string): void {
    const size = Buffer.byteLength(text)
    if (this.#at < size) this.#grow(size)
    this.#at -= size
    this.#buffer.write(text, this.#at, size, 'utf8')
  }

  #grow(room: number): void {
    const written = this.length
    let size = this.#buffer.length * 2
    while (size - written < room) size *= 2
    const larger = Buffer.allocUnsafeSlow(size)
    larger.set(this.#buffer.subarray(this.#at), size - written)
    this.#buffer = larger
    this.#at = size - written
  }
}

/** How many bytes a whole number of 0 to 2^53 takes. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++
  return size
}
