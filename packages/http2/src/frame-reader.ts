import { ConnectionError, ErrorCode } from './errors.js'
import { Flag, FRAME_BYTES_DEFAULT, FRAME_HEAD_BYTES, FrameType, readUint31 } from './frames.js'

/** Who gets the frames, in their order. What it throws comes out of `read`. */
export interface FrameSink {
  /** Before what comes of a DATA frame. `length` counts the padding, as windows do. */
  dataBegins(streamId: number, length: number, isLast: boolean): void
  /** A piece of it, which is never empty. */
  data(bytes: Buffer): void
  dataEnds(isLast: boolean): void
  /** Any other frame, whole: its payload lies between `start` and `end`. */
  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void
}

/**
 * Finds the frames in what a socket gives, wherever it is cut. Nothing is copied but a frame that is
 * spread over chunks, and of those DATA is handed on in pieces instead.
 */
export class FrameReader {
  readonly #sink: FrameSink
  #isStopped = false
  /** The beginning of a frame's head. */
  readonly #head = Buffer.alloc(FRAME_HEAD_BYTES)
  #headLength = 0
  /** The frame whose head was read, and what there is of its payload. */
  #type = 0
  #flags = 0
  #streamId = 0
  #payload: Buffer | undefined
  #filled = 0
  /** Of a DATA frame: what is still to come. */
  #isInData = false
  #needsPadding = false
  #content = 0
  #padding = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#isStopped = true
  }

  /** The chunk is the reader's from here on. Throws a `ConnectionError`. */
  read(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#isStopped) {
      if (this.#isInData) at = this.#readData(chunk, at)
      else if (this.#payload !== undefined) at = this.#fillPayload(this.#payload, chunk, at)
      else if (this.#headLength === 0 && chunk.length - at >= FRAME_HEAD_BYTES) {
        at = this.#begin(chunk, at, chunk, at + FRAME_HEAD_BYTES)
      } else at = this.#fillHead(chunk, at)
    }
  }

  #fillHead(chunk: Buffer, at: number): number {
    const missing = FRAME_HEAD_BYTES - this.#headLength
    const end = Math.min(at + missing, chunk.length)
    chunk.copy(this.#head, this.#headLength, at, end)
    this.#headLength += end - at
    if (this.#headLength < FRAME_HEAD_BYTES) return end
    this.#headLength = 0
    return this.#begin(this.#head, 0, chunk, end)
  }

  /** A frame with its head in `head`, whose payload begins in `chunk`. */
  #begin(head: Buffer, headAt: number, chunk: Buffer, at: number): number {
    const length =
      ((head[headAt] as number) << 16) |
      ((head[headAt + 1] as number) << 8) |
      (head[headAt + 2] as number)
    const type = head[headAt + 3] as number
    const flags = head[headAt + 4] as number
    const streamId = readUint31(head, headAt + 5)
    if (length > FRAME_BYTES_DEFAULT) {
      throw new ConnectionError(ErrorCode.frameSizeError, `a frame of ${length} bytes`)
    }
    if (type === FrameType.data) {
      this.#beginData(flags, streamId, length)
      return at
    }
    const end = at + length
    if (end <= chunk.length) {
      this.#sink.frame(type, flags, streamId, chunk, at, end)
      return end
    }
    this.#type = type
    this.#flags = flags
    this.#streamId = streamId
    this.#payload = Buffer.allocUnsafe(length)
    this.#filled = 0
    return at
  }

  #fillPayload(payload: Buffer, chunk: Buffer, at: number): number {
    const end = Math.min(at + payload.length - this.#filled, chunk.length)
    chunk.copy(payload, this.#filled, at, end)
    this.#filled += end - at
    if (this.#filled === payload.length) {
      this.#payload = undefined
      this.#sink.frame(this.#type, this.#flags, this.#streamId, payload, 0, payload.length)
    }
    return end
  }

  #beginData(flags: number, streamId: number, length: number): void {
    const isPadded = (flags & Flag.padded) !== 0
    if (isPadded && length === 0) throw new ConnectionError(ErrorCode.frameSizeError, 'no padding')
    this.#flags = flags
    this.#content = length
    this.#padding = 0
    this.#needsPadding = isPadded
    this.#isInData = true
    this.#sink.dataBegins(streamId, length, (flags & Flag.endStream) !== 0)
    if (length === 0) this.#endData()
  }

  #readData(chunk: Buffer, start: number): number {
    let at = start
    if (this.#needsPadding) {
      this.#needsPadding = false
      this.#padding = chunk[at++] as number
      this.#content -= 1 + this.#padding
      if (this.#content < 0) {
        throw new ConnectionError(ErrorCode.protocolError, 'padding longer than its frame')
      }
    }
    if (this.#content > 0 && at < chunk.length) {
      const end = Math.min(at + this.#content, chunk.length)
      this.#content -= end - at
      this.#sink.data(chunk.subarray(at, end))
      at = end
    }
    if (this.#content > 0) return at
    const end = Math.min(at + this.#padding, chunk.length)
    this.#padding -= end - at
    if (this.#padding === 0) this.#endData()
    return end
  }

  #endData(): void {
    this.#isInData = false
    this.#sink.dataEnds((this.#flags & Flag.endStream) !== 0)
  }
}
