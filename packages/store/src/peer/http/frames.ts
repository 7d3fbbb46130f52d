import type { Message, NodeId } from '../../raft/types.js'
import { MalformedMessage } from '../../wire/message.js'
import { Message as WireMessage } from '../../wire/raft.js'
import { AppendFrames, FORM_BYTES, WHOLE_MESSAGE } from './append-frame.js'
import { type Frame, LENGTH_BYTES, readMessageFrame, writeNumber } from './message-frame.js'

/** `msgapp` is for entries alone, so that a heartbeat never waits behind them. */
export type StreamKind = 'message' | 'msgapp'

export const streamKinds: readonly StreamKind[] = ['message', 'msgapp']

/** All in one buffer, to be written at once. */
export function encodeFrames(kind: StreamKind, messages: readonly Message[]): Buffer {
  const bodies = messages.map((message) => WireMessage.encode(message))
  const headBytes = kind === 'msgapp' ? FORM_BYTES + LENGTH_BYTES : LENGTH_BYTES
  let size = 0
  for (const body of bodies) size += headBytes + body.length
  const frames = Buffer.allocUnsafe(size)
  let at = 0
  for (const body of bodies) {
    if (kind === 'msgapp') at = frames.writeUInt8(WHOLE_MESSAGE, at)
    at = writeNumber(frames, at, body.length)
    frames.set(body, at)
    at += body.length
  }
  return frames
}

/** Keeps a stream alive in which there is nothing to say. */
export const heartbeatFrame = (kind: StreamKind): Buffer =>
  kind === 'msgapp'
    ? Buffer.alloc(FORM_BYTES)
    : encodeFrames('message', [{ type: 'MsgHeartbeat', from: 0n, to: 0n, term: 0 }])

export interface FrameReaderOptions {
  readonly kind: StreamKind
  readonly from: NodeId
  readonly to: NodeId
  /** Of a message; a stream with a longer one is refused. */
  readonly bytesMax: number
}

/** The messages in a stream of bytes, however it is cut. */
export class FrameReader {
  readonly #readFrame: (bytes: Buffer, at: number) => Frame
  readonly #bytesMax: number
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** Fewer bytes than this are no frame: they need not be looked at. */
  #neededBytes = FORM_BYTES

  constructor({ kind, from, to, bytesMax }: FrameReaderOptions) {
    const appends = new AppendFrames(from, to)
    this.#readFrame = kind === 'msgapp' ? (bytes, at) => appends.read(bytes, at) : readMessageFrame
    this.#bytesMax = bytesMax
  }

  /**
   * Gives each message that `chunk` completes to `take`; what they hold are views of the chunks.
   * Throws a `MalformedMessage`.
   */
  push(chunk: Buffer, take: (message: Message, bytes: number) => void): void {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes < this.#neededBytes) return
    const bytes = this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting)
    let at = 0
    let frame = this.#readFrame(bytes, at)
    while (frame.message !== undefined) {
      if (!isHeartbeat(frame.message)) take(frame.message, frame.end - at)
      at = frame.end
      frame = this.#readFrame(bytes, at)
    }
    this.#keep(bytes.subarray(at), frame.end - at)
  }

  #keep(rest: Buffer, neededBytes: number): void {
    if (neededBytes > this.#bytesMax) {
      throw new MalformedMessage(`a message of ${neededBytes} bytes; ${this.#bytesMax} at most`)
    }
    this.#neededBytes = neededBytes
    this.#waitingBytes = rest.length
    this.#waiting = rest.length === 0 ? [] : [rest]
  }
}

const isHeartbeat = ({ type, from, to }: Message): boolean =>
  type === 'MsgHeartbeat' && from === 0n && to === 0n
