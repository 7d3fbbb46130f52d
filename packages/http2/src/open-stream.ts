import { ErrorCode } from './errors.js'
import { ReceiveWindow, SendWindow } from './flow-control.js'
import type { Sender, SendingStream } from './sender.js'
import type {
  Bytes,
  HeaderFields,
  ServerConnection,
  ServerStream,
  StreamReceiver,
} from './stream.js'

/** What a stream needs of its connection. */
export interface StreamHost extends ServerConnection {
  readonly sender: Sender
  readonly queuedBytesMax: number
  /** Takes it off the list, and says RST_STREAM if asked to. */
  forget(stream: OpenStream, resetWith: number | undefined, isByClient: boolean): void
  /** Bytes that came for the stream are used: its window may open, and the connection's. */
  used(streamId: number, window: ReceiveWindow | undefined, bytes: number): void
}

/** One request and its answer, from the first frame to the last. */
export class OpenStream implements ServerStream, SendingStream {
  readonly id: number
  readonly sendWindow: SendWindow
  readonly receiveWindow: ReceiveWindow
  isInLine = false
  isClosed = false
  /** The client has sent all. */
  hasRequest = false
  /** The frame that is being read is the request's last. */
  isLastFrame = false
  /** The client has heard of us. */
  hasResponded = false
  queuedBytes = 0
  readonly #host: StreamHost
  #receiver: StreamReceiver | undefined
  /** What `content-length` said and did not come yet. */
  #missingBytes: number | undefined
  #hasAnswered = false
  /** What waits, from the piece `#queueAt` on, and of that from `#queueOffset` on. */
  #queue: Uint8Array[] | undefined
  #queueAt = 0
  #queueOffset = 0
  /** Nothing follows what is queued but the end. */
  #isEnding = false
  #trailers: HeaderFields | undefined
  #isPaused = false
  #isDelivering = false
  #held: Buffer[] | undefined
  #endHeld: { readonly trailers: HeaderFields | undefined } | undefined
  #closedEarly: { readonly code: number | undefined } | undefined

  constructor(
    id: number,
    host: StreamHost,
    windows: { readonly send: number; readonly receive: number; readonly available: number },
    contentLength: number | undefined,
  ) {
    this.id = id
    this.#host = host
    this.sendWindow = new SendWindow(windows.send)
    this.receiveWindow = new ReceiveWindow(windows.receive, windows.available)
    this.#missingBytes = contentLength
  }

  get connection(): ServerConnection {
    return this.#host
  }

  /** It may all be over when the receiver is there. */
  receiveWith(receiver: StreamReceiver): void {
    this.#receiver = receiver
    if (this.#closedEarly !== undefined) receiver.closed(this.#closedEarly.code)
  }

  respond(status: number, fields: HeaderFields, body?: Bytes, end = false): void {
    if (this.isClosed || this.hasResponded) return
    this.hasResponded = true
    this.#isEnding = end
    const length = body === undefined ? 0 : lengthOf(body)
    this.#host.sender.headers(this.id, status, fields, end && length === 0)
    if (body !== undefined && length > 0) this.#send(body, length, end)
    else if (end) this.#answered()
  }

  write(bytes: Bytes): void {
    const length = lengthOf(bytes)
    if (this.isClosed || this.#isEnding || !this.hasResponded || length === 0) return
    if (this.#host.sender.queuedBytes > this.#host.queuedBytesMax) {
      this.#host.destroy(ErrorCode.enhanceYourCalm, 'too much is waiting to be read')
      return
    }
    this.#send(bytes, length, false)
  }

  end(trailers?: HeaderFields): void {
    if (this.isClosed || this.#isEnding) return
    if (!this.hasResponded) {
      this.reset(ErrorCode.internalError)
      return
    }
    this.#isEnding = true
    this.#trailers = trailers
    if (this.queuedBytes === 0) this.#sendEnd()
  }

  reset(code: number): void {
    if (!this.isClosed) this.#close(code, code, false)
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#deliverHeld()
  }

  // What the connection tells.

  /** A piece of the body. */
  receive(bytes: Buffer): void {
    if (this.#hasAnswered) {
      this.#host.used(this.id, undefined, bytes.length)
      this.#stopClient()
      return
    }
    if (this.#missingBytes !== undefined) {
      this.#missingBytes -= bytes.length
      if (this.#missingBytes < 0) {
        this.#host.used(this.id, undefined, bytes.length)
        this.fail(ErrorCode.protocolError)
        return
      }
    }
    if (this.#isPaused || this.#isDelivering) {
      this.#held ??= []
      this.#held.push(bytes)
      return
    }
    this.#receiver?.data(bytes)
    this.#used(bytes.length)
  }

  /** The request ends here. */
  receiveEnd(trailers: HeaderFields | undefined): void {
    if (this.#missingBytes !== undefined && this.#missingBytes > 0 && !this.#hasAnswered) {
      this.fail(ErrorCode.protocolError)
      return
    }
    this.hasRequest = true
    if (this.#hasAnswered) this.#close(undefined, undefined, false)
    else if (this.#held !== undefined) this.#endHeld = { trailers }
    else this.#receiver?.end(trailers)
  }

  /** The client did what it mustn't; it hears of it, and so does the receiver. */
  fail(code: number): void {
    if (!this.isClosed) this.#close(code, code, false)
  }

  /** The client has reset it, or is gone. */
  cancel(code: number): void {
    if (!this.isClosed) this.#close(code, undefined, true)
  }

  sendNext(): void {
    if (this.isClosed || this.queuedBytes === 0) return
    this.#sendFrame()
    if (this.queuedBytes > 0 || this.isClosed || this.#hasAnswered) return
    if (this.#isEnding) this.#sendEnd()
    else this.#receiver?.drained?.()
  }

  #send(bytes: Bytes, length: number, end: boolean): void {
    const { sender } = this.#host
    const isFirst = this.queuedBytes === 0 && sender.isLineEmpty
    if (isFirst && length <= sender.allowance(this.sendWindow)) {
      sender.dataHead(this, length, end)
      if (bytes instanceof Uint8Array) sender.output.append(bytes)
      else for (const piece of bytes) sender.output.append(piece)
      if (end) this.#answered()
      return
    }
    this.#queue ??= []
    if (bytes instanceof Uint8Array) this.#queue.push(bytes)
    else for (const piece of bytes) if (piece.length > 0) this.#queue.push(piece)
    this.queuedBytes += length
    sender.queuedBytes += length
    while (isFirst && this.queuedBytes > 0 && sender.allowance(this.sendWindow) > 0) {
      this.#sendFrame()
    }
    if (this.queuedBytes > 0 && this.sendWindow.available > 0) sender.lineUp(this)
  }

  /** As much of what waits as one frame may have, out of as many pieces as it takes. */
  #sendFrame(): void {
    const { sender } = this.#host
    const length = Math.min(this.queuedBytes, sender.allowance(this.sendWindow))
    if (length <= 0) return
    const isAll = length === this.queuedBytes
    const isEnd = isAll && this.#isEnding && this.#trailers === undefined
    sender.dataHead(this, length, isEnd)
    this.#takeQueued(length)
    this.queuedBytes -= length
    sender.queuedBytes -= length
    if (isAll) {
      this.#queue = undefined
      this.#queueAt = 0
    }
    if (isEnd) this.#answered()
  }

  #takeQueued(length: number): void {
    const queue = this.#queue as Uint8Array[]
    const { output } = this.#host.sender
    for (let left = length; left > 0; ) {
      const piece = queue[this.#queueAt] as Uint8Array
      const from = this.#queueOffset
      const to = Math.min(piece.length, from + left)
      output.append(to - from === piece.length ? piece : piece.subarray(from, to))
      left -= to - from
      this.#queueOffset = to
      if (to < piece.length) break
      this.#queueAt++
      this.#queueOffset = 0
    }
    // Of a stream that always has something waiting.
    if (this.#queueAt < FORGOTTEN_PIECES || this.#queueAt * 2 < queue.length) return
    queue.splice(0, this.#queueAt)
    this.#queueAt = 0
  }

  #sendEnd(): void {
    const { sender } = this.#host
    if (this.#trailers !== undefined) sender.headers(this.id, undefined, this.#trailers, true)
    else sender.dataHead(this, 0, true)
    this.#answered()
  }

  /**
   * The answer has an end, and so has the stream when the client has said all. One that still has
   * much to say is told not to; of the others we wait for the end, which is on its way.
   */
  #answered(): void {
    this.#hasAnswered = true
    if (this.hasRequest) this.#close(undefined, undefined, false)
    else if (this.#isPaused || (this.#missingBytes ?? 0) > 0) this.#stopClient()
  }

  #stopClient(): void {
    if (!this.isLastFrame) this.#close(ErrorCode.noError, ErrorCode.noError, false)
  }

  #close(code: number | undefined, resetWith: number | undefined, isByClient: boolean): void {
    this.isClosed = true
    this.#host.sender.queuedBytes -= this.queuedBytes
    this.queuedBytes = 0
    this.#queue = undefined
    for (const bytes of this.#held ?? []) this.#host.used(this.id, undefined, bytes.length)
    this.#held = undefined
    this.#endHeld = undefined
    this.#host.forget(this, resetWith, isByClient)
    if (this.#receiver === undefined) this.#closedEarly = { code }
    else this.#receiver.closed(code)
  }

  #used(bytes: number): void {
    const needsMore = !this.isClosed && !this.isLastFrame && !this.hasRequest
    this.#host.used(this.id, needsMore ? this.receiveWindow : undefined, bytes)
  }

  #deliverHeld(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    for (;;) {
      const bytes = this.#isPaused ? undefined : this.#held?.shift()
      if (bytes === undefined) break
      this.#receiver?.data(bytes)
      this.#used(bytes.length)
    }
    this.#isDelivering = false
    if (this.#held?.length !== 0) return
    this.#held = undefined
    const ended = this.#endHeld
    if (ended === undefined) return
    this.#endHeld = undefined
    this.#receiver?.end(ended.trailers)
  }
}

const FORGOTTEN_PIECES = 64

function lengthOf(bytes: Bytes): number {
  if (bytes instanceof Uint8Array) return bytes.length
  let length = 0
  for (const piece of bytes) length += piece.length
  return length
}
