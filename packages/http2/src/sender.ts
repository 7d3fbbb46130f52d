import { SendWindow } from './flow-control.js'
import {
  Flag,
  FRAME_BYTES_DEFAULT,
  FRAME_HEAD_BYTES,
  FrameType,
  writeFrameHead,
  writeUint32,
} from './frames.js'
import { HeaderEncoder } from './hpack/encoder.js'
import type { Output } from './output.js'
import { WINDOW_BYTES_DEFAULT } from './settings.js'
import type { HeaderFields } from './stream.js'

/** A stream with bytes that wait, as the sender sees it. */
export interface SendingStream {
  readonly id: number
  readonly sendWindow: SendWindow
  readonly queuedBytes: number
  /** Whether it stands in the line of those that could send. */
  isInLine: boolean
  /** Sends one frame of what is queued, and the end behind the last. */
  sendNext(): void
}

interface CachedBlock {
  readonly status: number | undefined
  readonly generation: number
  readonly block: Uint8Array
}

/** More than a server says again and again. */
const CACHED_MAX = 64
/** Larger ones would let one stream hold up all others, and the client's memory is not ours. */
const FRAME_BYTES_MAX = 64 * 1024

/**
 * Writes frames, and decides whose turn it is: those that have bytes to send stand in line, a frame a
 * turn, as long as the connection's window is open and the socket takes bytes.
 */
export class Sender {
  readonly output: Output
  readonly encoder = new HeaderEncoder()
  readonly window = new SendWindow(WINDOW_BYTES_DEFAULT)
  readonly #cached = new Map<HeaderFields, CachedBlock>()
  #frameBytesMax = FRAME_BYTES_DEFAULT
  #line: SendingStream[] = []
  #lineStart = 0
  #isPumping = false
  /** Of all streams. */
  queuedBytes = 0
  /** Whether anything but control frames was sent since it was set to false. */
  hasSent = false

  constructor(output: Output) {
    this.output = output
  }

  set frameBytesMax(bytes: number) {
    this.#frameBytesMax = Math.min(bytes, FRAME_BYTES_MAX)
  }

  /** What may be sent of a stream at once, 0: nothing. */
  allowance(window: SendWindow): number {
    if (this.output.isFull) return 0
    return Math.min(this.#frameBytesMax, window.available, this.window.available)
  }

  get isLineEmpty(): boolean {
    return this.#lineStart === this.#line.length
  }

  headers(
    streamId: number,
    status: number | undefined,
    fields: HeaderFields,
    isEnd: boolean,
  ): void {
    this.hasSent = true
    const cached = this.#cached.get(fields)
    if (
      cached !== undefined &&
      cached.status === status &&
      cached.generation === this.encoder.generation
    ) {
      this.#block(streamId, cached.block, isEnd)
      return
    }
    const { encoder } = this
    const before = encoder.generation
    const max = HeaderEncoder.lengthMax(fields)
    const block = Buffer.allocUnsafe(max)
    const length = encoder.encode(status, fields, block, 0)
    this.#block(streamId, block.subarray(0, length), isEnd)
    if (before !== encoder.generation || !Object.isFrozen(fields)) return
    if (this.#cached.size >= CACHED_MAX) this.#cached.clear()
    this.#cached.set(fields, { status, generation: before, block: block.subarray(0, length) })
  }

  #block(streamId: number, block: Uint8Array, isEnd: boolean): void {
    let type: number = FrameType.headers
    let flags: number = isEnd ? Flag.endStream : 0
    let start = 0
    do {
      const length = Math.min(block.length - start, this.#frameBytesMax)
      if (start + length === block.length) flags |= Flag.endHeaders
      const slab = this.output.reserve(FRAME_HEAD_BYTES + length)
      const at = writeFrameHead(slab, this.output.position, length, type, flags, streamId)
      for (let i = 0; i < length; i++) slab[at + i] = block[start + i] as number
      this.output.advance(at + length)
      start += length
      type = FrameType.continuation
      flags = 0
    } while (start < block.length)
  }

  /** The head of a frame, whose payload is appended to the output next; `length` is within `allowance`. */
  dataHead(stream: SendingStream, length: number, isEnd: boolean): void {
    this.hasSent = true
    this.window.available -= length
    stream.sendWindow.available -= length
    const slab = this.output.reserve(FRAME_HEAD_BYTES)
    const flags = isEnd ? Flag.endStream : 0
    const { position } = this.output
    this.output.advance(writeFrameHead(slab, position, length, FrameType.data, flags, stream.id))
  }

  /** A frame whose payload is one number. */
  uint32(type: number, streamId: number, value: number): void {
    const slab = this.output.reserve(FRAME_HEAD_BYTES + 4)
    const at = writeFrameHead(slab, this.output.position, 4, type, 0, streamId)
    this.output.advance(writeUint32(slab, at, value))
  }

  control(type: number, flags: number, payload: Uint8Array): void {
    const slab = this.output.reserve(FRAME_HEAD_BYTES + payload.length)
    const at = writeFrameHead(slab, this.output.position, payload.length, type, flags, 0)
    slab.set(payload, at)
    this.output.advance(at + payload.length)
  }

  goaway(lastStreamId: number, code: number, text: string): void {
    const payload = Buffer.alloc(8 + text.length)
    writeUint32(payload, writeUint32(payload, 0, lastStreamId), code)
    payload.write(text, 8, 'latin1')
    this.control(FrameType.goaway, 0, payload)
  }

  /** The stream has bytes that wait, and its own window is open. */
  lineUp(stream: SendingStream): void {
    if (stream.isInLine) return
    stream.isInLine = true
    this.#line.push(stream)
  }

  /** Lets go what may go. */
  pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    while (!this.isLineEmpty && this.window.available > 0 && !this.output.isFull) {
      const stream = this.#line[this.#lineStart++] as SendingStream
      stream.isInLine = false
      stream.sendNext()
      if (stream.queuedBytes > 0 && stream.sendWindow.available > 0) this.lineUp(stream)
      if (this.#lineStart > 64 && this.#lineStart * 2 > this.#line.length) {
        this.#line = this.#line.slice(this.#lineStart)
        this.#lineStart = 0
      }
    }
    this.#isPumping = false
  }
}
