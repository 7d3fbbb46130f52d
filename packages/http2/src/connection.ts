import type { Duplex } from 'node:stream'
import type { Clock } from './clock.js'
import { ConnectionError, ErrorCode } from './errors.js'
import { ReceiveWindow } from './flow-control.js'
import { FrameReader, type FrameSink } from './frame-reader.js'
import { checkShape } from './frame-shape.js'
import { Flag, FrameType, MAX_31_BITS, readUint31, readUint32 } from './frames.js'
import { HeaderBlock } from './header-block.js'
import { HeaderDecoder } from './hpack/decoder.js'
import type { KeepAliveOptions } from './keep-alive.js'
import { Lifetime } from './lifetime.js'
import type { Http2Limits } from './limits.js'
import { Nuisances } from './nuisances.js'
import { OpenStream, type StreamHost } from './open-stream.js'
import { Output } from './output.js'
import { PingPolicy } from './ping-policy.js'
import { PrefaceReader } from './preface-reader.js'
import { type Head, HeadReader } from './request-head.js'
import { Sender } from './sender.js'
import {
  initialClientSettings,
  readSettings,
  serverPreface,
  TABLE_BYTES_DEFAULT,
  WINDOW_BYTES_DEFAULT,
} from './settings.js'
import type { RequestHead, ServerStream, StreamReceiver } from './stream.js'
import { Streams } from './streams.js'

export interface ConnectionOptions {
  readonly clock: Clock
  readonly limits: Http2Limits
  readonly keepAlive?: KeepAliveOptions | undefined
  readonly pingMinIntervalMs?: number | undefined
  readonly idleTimeoutMs?: number | undefined
}

type Handler = (stream: ServerStream, head: RequestHead) => StreamReceiver

/** Until a client that was told of the end has closed its side. */
const LINGER_MS = 1000
/** Until a client that was told that the end is near has answered. */
const FAREWELL_MS = 1000
/** While so much waits to be sent, nothing more is read. */
const UNREAD_BYTES_MAX = 1024 * 1024

const FAREWELL_PING: Buffer = Buffer.from('farewell')
const LIFE_PING: Buffer = Buffer.from('keepaliv')

/** One client's connection: reads its frames, keeps its streams, and says what is wrong with them. */
export class Connection implements StreamHost, FrameSink {
  readonly socket: Duplex
  readonly sender: Sender
  readonly #limits: Http2Limits
  readonly #handler: Handler
  readonly #preface = new PrefaceReader()
  readonly #reader = new FrameReader(this)
  readonly #output: Output
  readonly #heads: HeadReader
  readonly #streams = new Streams()
  readonly #settings = initialClientSettings()
  readonly #window: ReceiveWindow
  readonly #nuisances: Nuisances
  readonly #pings: PingPolicy | undefined
  readonly #lifetime: Lifetime
  #hasSettings = false
  #isAcknowledged = false
  #block: HeaderBlock | undefined
  // The DATA frame that is being read.
  #dataStream: OpenStream | undefined
  #dataRest = 0
  #dataLength = 0
  /** `leaving`: GOAWAY is said, streams that are open go on. `ended`: nothing is read or said any more. */
  #phase: 'open' | 'announced' | 'leaving' | 'ended' = 'open'

  constructor(socket: Duplex, options: ConnectionOptions, handler: Handler) {
    const { clock, limits, pingMinIntervalMs } = options
    this.socket = socket
    this.#limits = limits
    this.#handler = handler
    this.#output = new Output(socket, this.#onDrained)
    this.sender = new Sender(this.#output)
    this.#heads = new HeadReader(
      new HeaderDecoder({
        tableBytesMax: TABLE_BYTES_DEFAULT,
        listBytesMax: limits.headerListBytesMax,
      }),
    )
    this.#window = new ReceiveWindow(Math.max(limits.connectionWindowBytes, WINDOW_BYTES_DEFAULT))
    this.#nuisances = new Nuisances(clock, limits.nuisancesPerSecondMax)
    this.#pings = pingMinIntervalMs ? new PingPolicy(clock, pingMinIntervalMs) : undefined
    this.#lifetime = new Lifetime(options, {
      ping: () => this.sender.control(FrameType.ping, 0, LIFE_PING),
      destroy: () => this.destroy(),
      close: () => this.close(),
      isIdle: () => this.#streams.size === 0,
    })
    this.#lifetime.wait(limits.handshakeTimeoutMs, () => this.destroy())
    this.#listen()
  }

  get openStreams(): number {
    return this.#streams.size
  }

  get queuedBytesMax(): number {
    return this.#limits.queuedBytesMax
  }

  close(): void {
    if (this.#phase !== 'open') return
    if (!this.#preface.isDone) {
      this.destroy()
      return
    }
    this.#phase = 'announced'
    this.sender.goaway(MAX_31_BITS, ErrorCode.noError, '')
    this.sender.control(FrameType.ping, 0, FAREWELL_PING)
    this.#lifetime.wait(FAREWELL_MS, () => this.#leave())
  }

  destroy(code?: number, text = ''): void {
    if (this.#phase === 'ended') return
    if (code !== undefined) this.sender.goaway(this.#streams.lastId, code, text)
    this.#end()
    for (const stream of this.#streams.all()) stream.cancel(code ?? ErrorCode.cancel)
    if (code === undefined) this.socket.destroy()
  }

  // What the streams ask for.

  forget(stream: OpenStream, resetWith: number | undefined, isByClient: boolean): void {
    const { id } = stream
    this.#lifetime.busy()
    if (resetWith === undefined) this.#streams.close(id, isByClient ? 'resetByClient' : 'ended')
    else {
      this.#streams.close(id, 'reset')
      if (this.#phase !== 'ended') this.sender.uint32(FrameType.rstStream, id, resetWith)
    }
    if (this.#phase === 'leaving' && this.#streams.size === 0) this.#end()
  }

  used(streamId: number, window: ReceiveWindow | undefined, bytes: number): void {
    if (this.#phase === 'ended') return
    const increment = this.#window.use(bytes)
    if (increment > 0) this.sender.uint32(FrameType.windowUpdate, 0, increment)
    const streamIncrement = window?.use(bytes) ?? 0
    if (streamIncrement > 0) this.sender.uint32(FrameType.windowUpdate, streamId, streamIncrement)
  }

  // What the socket says.

  #listen(): void {
    const { socket } = this
    socket.on('data', this.#onData)
    socket.on('end', () => this.destroy())
    socket.on('error', () => this.destroy())
    socket.on('close', () => this.#onClosed())
    // It may have been paused by who looked at its first bytes.
    socket.resume()
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#phase === 'ended') return
    this.#lifetime.heard()
    try {
      if (this.#preface.isDone) this.#reader.read(chunk)
      else this.#readPreface(chunk)
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      this.destroy(error.code, error.message)
    }
    if (this.#output.waitingBytes > UNREAD_BYTES_MAX) this.socket.pause()
  }

  #readPreface(chunk: Buffer): void {
    const length = this.#preface.read(chunk)
    if (length === undefined) {
      // It speaks something else, and would not understand what we say.
      this.destroy()
      return
    }
    if (this.#preface.isDone) this.#output.append(serverPreface(this.#limits))
    if (length < chunk.length) this.#reader.read(chunk.subarray(length))
  }

  readonly #onDrained = (): void => {
    if (this.#phase === 'ended') return
    this.sender.pump()
    if (this.socket.isPaused() && this.#output.waitingBytes <= UNREAD_BYTES_MAX)
      this.socket.resume()
  }

  #onClosed(): void {
    this.destroy()
    this.#lifetime.arrived()
    this.#output.close()
  }

  // Frames, as the reader finds them.

  dataBegins(streamId: number, length: number, isLast: boolean): void {
    this.#checkOrder(FrameType.data, streamId)
    this.#dataLength = length
    this.#dataRest = length
    if (!this.#window.take(length)) {
      throw new ConnectionError(ErrorCode.flowControlError, 'more than the connection takes')
    }
    const stream = this.#streams.get(streamId)
    this.#dataStream = stream
    if (stream === undefined) {
      if (this.#streams.isStrayData(streamId)) {
        this.#resetUnknown(streamId, ErrorCode.streamClosed)
      }
    } else if (stream.hasRequest) this.#failStream(stream, ErrorCode.streamClosed)
    else if (!stream.receiveWindow.take(length)) {
      this.#failStream(stream, ErrorCode.flowControlError)
    } else stream.isLastFrame = isLast
  }

  data(bytes: Buffer): void {
    this.#dataRest -= bytes.length
    const stream = this.#dataStream
    if (stream === undefined || stream.isClosed) this.used(0, undefined, bytes.length)
    else stream.receive(bytes)
  }

  dataEnds(isLast: boolean): void {
    const stream = this.#dataStream
    this.#dataStream = undefined
    const isOpen = stream !== undefined && !stream.isClosed
    // The padding.
    if (this.#dataRest > 0) {
      this.used(stream?.id ?? 0, isOpen ? stream.receiveWindow : undefined, this.#dataRest)
    }
    if (isLast) {
      if (isOpen) stream.receiveEnd(undefined)
    } else if (this.#dataLength === 0) this.#nuisance()
  }

  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    this.#checkOrder(type, streamId)
    checkShape(type, flags, streamId, end - start)
    switch (type) {
      case FrameType.headers:
        this.#onHeaders(flags, streamId, bytes, start, end)
        break
      case FrameType.continuation:
        this.#onContinuation(flags, bytes, start, end)
        break
      case FrameType.windowUpdate:
        this.#onWindowUpdate(streamId, bytes, start)
        break
      case FrameType.settings:
        this.#onSettings(flags, bytes, start, end)
        break
      case FrameType.ping:
        this.#onPing(flags, bytes.subarray(start, end))
        break
      case FrameType.rstStream:
        this.#onReset(streamId, readUint32(bytes, start))
        break
      case FrameType.goaway:
        this.#leave()
        break
      case FrameType.priority:
        this.#onPriority(streamId, end - start)
        break
      default:
        // Extensions that we don't know.
        this.#nuisance()
    }
  }

  /** What may come at all: settings first, and nothing within a header block. */
  #checkOrder(type: number, streamId: number): void {
    if (!this.#hasSettings && type !== FrameType.settings) {
      throw new ConnectionError(ErrorCode.protocolError, 'settings come first')
    }
    const block = this.#block
    const isExpected =
      block === undefined
        ? type !== FrameType.continuation
        : type === FrameType.continuation && streamId === block.streamId
    if (!isExpected) throw new ConnectionError(ErrorCode.protocolError, 'a header block is cut')
  }

  #onHeaders(flags: number, streamId: number, bytes: Buffer, from: number, to: number): void {
    let start = from
    let end = to
    if (flags & Flag.padded) end -= bytes[start++] ?? 0
    if (flags & Flag.priority) start += 5
    if (to === from && flags & (Flag.padded | Flag.priority)) {
      throw new ConnectionError(ErrorCode.frameSizeError, 'headers that are too short')
    }
    if (start > end) throw new ConnectionError(ErrorCode.protocolError, 'padding too long')
    if (streamId === 0 || streamId % 2 === 0) {
      throw new ConnectionError(ErrorCode.protocolError, `headers of stream ${streamId}`)
    }
    const isEnd = (flags & Flag.endStream) !== 0
    if (flags & Flag.endHeaders) {
      this.#onBlock(streamId, isEnd, bytes, start, end)
      return
    }
    this.#block = new HeaderBlock(streamId, isEnd, this.#limits.headerListBytesMax * 2)
    this.#block.add(bytes, start, end)
  }

  #onContinuation(flags: number, bytes: Buffer, start: number, end: number): void {
    const block = this.#block as HeaderBlock
    block.add(bytes, start, end)
    if ((flags & Flag.endHeaders) === 0) return
    this.#block = undefined
    const whole = block.whole()
    this.#onBlock(block.streamId, block.isEnd, whole, 0, whole.length)
  }

  #onBlock(streamId: number, isEnd: boolean, bytes: Buffer, start: number, end: number): void {
    if (streamId > this.#streams.lastId) {
      const head = this.#heads.head(bytes, start, end)
      // After GOAWAY nothing new is looked at.
      if (this.#phase === 'leaving') return
      this.#streams.lastId = streamId
      if (head === 'malformed') this.#resetUnknown(streamId, ErrorCode.protocolError)
      else if (head === 'tooLarge') this.#refuseTooLarge(streamId, isEnd)
      else this.#open(streamId, head, isEnd)
      return
    }
    const trailers = this.#heads.trailers(bytes, start, end)
    const stream = this.#streams.get(streamId)
    if (stream === undefined) this.#streams.checkStrayHeaders(streamId)
    else if (stream.hasRequest) this.#failStream(stream, ErrorCode.streamClosed)
    else if (!isEnd || trailers === undefined) this.#failStream(stream, ErrorCode.protocolError)
    else stream.receiveEnd(trailers)
  }

  #open(streamId: number, head: Head, isEnd: boolean): void {
    const { concurrentStreamsMax, queuedBytesMax } = this.#limits
    if (
      this.#streams.size >= concurrentStreamsMax ||
      this.sender.queuedBytes + this.#output.waitingBytes > queuedBytesMax
    ) {
      this.#streams.close(streamId, 'reset')
      this.sender.uint32(FrameType.rstStream, streamId, ErrorCode.refusedStream)
      // Before that it could not know how many it may have.
      if (this.#isAcknowledged) this.#nuisance()
      return
    }
    const stream = this.#newStream(streamId, head.contentLength)
    stream.isLastFrame = isEnd
    stream.receiveWith(this.#handler(stream, head))
    if (isEnd && !stream.isClosed) stream.receiveEnd(undefined)
  }

  #newStream(streamId: number, contentLength: number | undefined): OpenStream {
    const size = this.#limits.streamWindowBytes
    // Until it knows of ours the client goes by the default.
    const available = this.#isAcknowledged ? size : Math.max(size, WINDOW_BYTES_DEFAULT)
    const windows = { send: this.#settings.initialWindowBytes, receive: size, available }
    const stream = new OpenStream(streamId, this, windows, contentLength)
    this.#streams.add(stream)
    return stream
  }

  /** Source: RFC 6585, 5. */
  #refuseTooLarge(streamId: number, isEnd: boolean): void {
    this.#nuisance()
    if (this.#phase === 'ended') return
    const stream = this.#newStream(streamId, undefined)
    stream.hasRequest = isEnd
    stream.respond(431, NO_FIELDS, undefined, true)
  }

  #onWindowUpdate(streamId: number, bytes: Buffer, start: number): void {
    const increment = readUint31(bytes, start)
    if (streamId === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.protocolError, 'a window grows by 0')
      if (!this.sender.window.grow(increment)) {
        throw new ConnectionError(ErrorCode.flowControlError, 'too large a window')
      }
      this.sender.pump()
      return
    }
    const stream = this.#streams.get(streamId)
    if (stream === undefined) this.#streams.checkKnown(streamId)
    else if (increment === 0) this.#failStream(stream, ErrorCode.protocolError)
    else if (!stream.sendWindow.grow(increment))
      this.#failStream(stream, ErrorCode.flowControlError)
    else if (stream.queuedBytes > 0 && stream.sendWindow.available > 0) {
      this.sender.lineUp(stream)
      this.sender.pump()
    }
  }

  #onSettings(flags: number, bytes: Buffer, start: number, end: number): void {
    if (flags & Flag.ack) {
      this.#isAcknowledged = true
      return
    }
    const windowBefore = this.#settings.initialWindowBytes
    readSettings(this.#settings, bytes, start, end)
    const { headerTableBytes, initialWindowBytes, frameBytesMax } = this.#settings
    this.sender.encoder.resize(headerTableBytes)
    this.sender.frameBytesMax = frameBytesMax
    this.sender.control(FrameType.settings, Flag.ack, NO_BYTES)
    if (this.#hasSettings) this.#nuisance()
    else this.#lifetime.arrived()
    this.#hasSettings = true
    if (initialWindowBytes !== windowBefore) this.#resizeWindows(initialWindowBytes - windowBefore)
  }

  #resizeWindows(by: number): void {
    for (const stream of this.#streams.all()) {
      if (!stream.sendWindow.grow(by)) {
        throw new ConnectionError(ErrorCode.flowControlError, 'too large a window')
      }
      if (stream.queuedBytes > 0 && stream.sendWindow.available > 0) this.sender.lineUp(stream)
    }
    this.sender.pump()
  }

  #onPing(flags: number, payload: Buffer): void {
    if (flags & Flag.ack) {
      if (this.#phase === 'announced' && payload.equals(FAREWELL_PING)) this.#leave()
      return
    }
    const { hasSent } = this.sender
    this.sender.hasSent = false
    if (this.#pings?.admits(hasSent, this.#streams.size) === false) {
      this.destroy(ErrorCode.enhanceYourCalm, 'too_many_pings')
      return
    }
    // Who is being sent something may measure how fast it comes.
    if (!hasSent) this.#nuisance()
    if (this.#phase !== 'ended') this.sender.control(FrameType.ping, Flag.ack, payload)
  }

  #onReset(streamId: number, code: number): void {
    const stream = this.#streams.get(streamId)
    if (stream === undefined) this.#streams.checkKnown(streamId)
    else stream.cancel(code)
    // Who had an answer may have had enough of it; who waits for none only makes work.
    if (stream?.hasResponded !== true) this.#nuisance()
  }

  #onPriority(streamId: number, length: number): void {
    if (length !== 5) {
      const stream = this.#streams.get(streamId)
      if (stream === undefined) this.#resetUnknown(streamId, ErrorCode.frameSizeError)
      else this.#failStream(stream, ErrorCode.frameSizeError)
    }
    this.#nuisance()
  }

  #failStream(stream: OpenStream, code: number): void {
    stream.fail(code)
    this.#nuisance()
  }

  #resetUnknown(streamId: number, code: number): void {
    this.#streams.close(streamId, 'reset')
    this.sender.uint32(FrameType.rstStream, streamId, code)
    this.#nuisance()
  }

  #nuisance(): void {
    if (this.#nuisances.admit()) return
    throw new ConnectionError(ErrorCode.enhanceYourCalm, 'too many frames that say nothing')
  }

  // The end.

  /** From here on no new stream is taken. */
  #leave(): void {
    if (this.#phase === 'leaving' || this.#phase === 'ended') return
    this.#phase = 'leaving'
    this.#lifetime.arrived()
    this.sender.goaway(this.#streams.lastId, ErrorCode.noError, '')
    if (this.#streams.size === 0) this.#end()
  }

  /** All is said: the client gets it, and some time to close its side. */
  #end(): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#reader.stop()
    this.#lifetime.end()
    this.#output.flush()
    this.#output.close()
    this.socket.end()
    // What is still on its way to us is thrown away: unread, it would cut off what we said.
    this.socket.resume()
    this.#lifetime.wait(LINGER_MS, () => this.socket.destroy())
  }
}

const NO_FIELDS: readonly string[] = Object.freeze([])
const NO_BYTES = new Uint8Array(0)
