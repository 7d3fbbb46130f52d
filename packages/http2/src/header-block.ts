import { ConnectionError, ErrorCode } from './errors.js'

/** Frames of a block that may be short, and what the others hold: a flood is many that say little. */
const SHORT_FRAMES_MAX = 32
const FRAME_BYTES = 16 * 1024

/** A header block whose frames come one after the other, and nothing between them. */
export class HeaderBlock {
  readonly streamId: number
  readonly isEnd: boolean
  readonly #bytesMax: number
  readonly #parts: Buffer[] = []
  #bytes = 0

  constructor(streamId: number, isEnd: boolean, bytesMax: number) {
    this.streamId = streamId
    this.isEnd = isEnd
    this.#bytesMax = bytesMax
  }

  /** Throws a `ConnectionError`: it must be read to its end, so that one without an end is a flood. */
  add(bytes: Buffer, start: number, end: number): void {
    this.#parts.push(bytes.subarray(start, end))
    this.#bytes += end - start
    const framesMax = SHORT_FRAMES_MAX + this.#bytes / FRAME_BYTES
    if (this.#parts.length > framesMax || this.#bytes > this.#bytesMax) {
      throw new ConnectionError(ErrorCode.enhanceYourCalm, 'a header block without an end')
    }
  }

  whole(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
