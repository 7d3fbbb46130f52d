import { ErrorCode } from './errors.js'
import { ReceiveWindow, SendWindow } from './flow-control.js'
import type { Sender, SendingStream } from './sender.js'
import type { HeaderFields, ServerConnection, ServerStream, StreamReceiver } from './stream.js'

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
  #queue: Uint8Array[] | undefined
  /** Of the first in the queue. */
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

  respond(status: number, fields: HeaderFields, body?: Uint8Array, end = false): void {
    if (this.isClosed || this.hasResponded) return
    this.hasResponded = true
    const hasBody = body !== undefined && body.length > 0
    this.#host.sender.headers(this.id, status, fields, end && !hasBody)
    if (hasBody) this.#send(body, end)
    else if (end) this.#answered()
  }

  write(bytes: Uint8Array): void {
    if (this.isClosed || this.#isEnding || !this.hasResponded || bytes.length === 0) return
    if (this.#host.sender.queuedBytes > this.#host.queuedBytesMax) {
      this.#host.destroy(ErrorCode.enhanceYourCalm, 'too much is waiting to be read')
      return
    }
    this.#send(bytes, false)
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
    const queue = this.#queue
    if (this.isClosed || queue === undefined) return
    const { sender } = this.#host
    const first = queue[0] as Uint8Array
    const rest = first.length - this.#queueOffset
    const length = Math.min(rest, sender.allowance(this.sendWindow))
    if (length <= 0) return
    const isAll = length === this.queuedBytes
    const isEnd = isAll && this.#isEnding && this.#trailers === undefined
    const from = this.#queueOffset
    sender.data(this, first.subarray(from, from + length), isEnd)
    sender.queuedBytes -= length
    this.queuedBytes -= length
    if (length === rest) {
      queue.shift()
      this.#queueOffset = 0
    } else this.#queueOffset += length
    if (!isAll) return
    this.#queue = undefined
    if (isEnd) this.#answered()
    else if (this.#isEnding) this.#sendEnd()
    else this.#receiver?.drained?.()
  }

  #send(bytes: Uint8Array, end: boolean): void {
    const { sender } = this.#host
    let from = 0
    if (this.queuedBytes === 0 && sender.isLineEmpty) {
      while (from < bytes.length) {
        const length = Math.min(bytes.length - from, sender.allowance(this.sendWindow))
        if (length <= 0) break
        const isEnd = end && from + length === bytes.length
        const part = length === bytes.length ? bytes : bytes.subarray(from, from + length)
        sender.data(this, part, isEnd)
        from += length
      }
    }
    if (from === bytes.length) {
      if (end) this.#answered()
      return
    }
    this.#isEnding ||= end
    this.#queue ??= []
    this.#queue.push(from === 0 ? bytes : bytes.subarray(from))
    this.queuedBytes += bytes.length - from
    sender.queuedBytes += bytes.length - from
    if (this.sendWindow.available > 0) sender.lineUp(this)
  }

  #sendEnd(): void {
    const { sender } = this.#host
    if (this.#trailers !== undefined) sender.headers(this.id, undefined, this.#trailers, true)
    else sender.data(this, NOTHING, true)
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

const NOTHING = new Uint8Array(0)
