import { gunzipSync } from 'node:zlib'
import { StatusError } from '../status.js'
import { PREFIX_BYTES } from './answer.js'
import type { Encoding } from './call-plan.js'

/** Finds the messages in a body, wherever it is cut. Messages are views of it where they can be. */
export class MessageReader {
  readonly #encoding: Encoding
  readonly #bytesMax: number
  #rest: Buffer | undefined
  #more: Buffer[] | undefined
  #bytes = 0
  /** Before them nothing can be told. */
  #neededBytes = PREFIX_BYTES

  constructor(encoding: Encoding, bytesMax: number) {
    this.#encoding = encoding
    this.#bytesMax = bytesMax
  }

  push(bytes: Buffer): void {
    this.#bytes += bytes.length
    if (this.#rest === undefined) this.#rest = bytes
    else {
      this.#more ??= []
      this.#more.push(bytes)
    }
  }

  /** The next message that is there as a whole. Throws a `StatusError`. */
  next(): Buffer | undefined {
    if (this.#bytes < this.#neededBytes) return undefined
    const bytes = this.#joined()
    const length = bytes.readUInt32BE(1)
    if (length > this.#bytesMax) {
      const text = `grpc: received message larger than max (${length} vs. ${this.#bytesMax})`
      throw new StatusError('ResourceExhausted', text)
    }
    const end = PREFIX_BYTES + length
    if (bytes.length < end) {
      this.#neededBytes = end
      return undefined
    }
    this.#neededBytes = PREFIX_BYTES
    this.#bytes -= end
    this.#rest = this.#bytes === 0 ? undefined : bytes.subarray(end)
    const message = bytes.subarray(PREFIX_BYTES, end)
    return bytes[0] === 0 ? message : this.#decompressed(message, bytes[0] as number)
  }

  #joined(): Buffer {
    const rest = this.#rest as Buffer
    if (this.#more === undefined) return rest
    const joined = Buffer.concat([rest, ...this.#more], this.#bytes)
    this.#rest = joined
    this.#more = undefined
    return joined
  }

  #decompressed(message: Buffer, flag: number): Buffer {
    if (flag !== 1) {
      throw new StatusError('Internal', `grpc: received unexpected payload format ${flag}`)
    }
    if (this.#encoding === 'identity') {
      const text = 'grpc: compressed flag set with identity or empty encoding'
      throw new StatusError('Internal', text)
    }
    try {
      return gunzipSync(message, { maxOutputLength: this.#bytesMax })
    } catch (error) {
      const { code, message: problem } = error as NodeJS.ErrnoException
      if (code !== 'ERR_BUFFER_TOO_LARGE') {
        throw new StatusError('Internal', `grpc: failed to decompress the message: ${problem}`)
      }
      const text = `grpc: received message after decompression larger than max ${this.#bytesMax}`
      throw new StatusError('ResourceExhausted', text)
    }
  }
}
