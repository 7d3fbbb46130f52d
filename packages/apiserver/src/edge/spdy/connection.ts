import type { Duplex } from 'node:stream'
import { BrokenPipe, type Clock, type Timer } from '@miniplane/api'
import {
  controlFrame,
  dataFrame,
  FLAG_FIN,
  type Frame,
  FrameReader,
  FrameType,
  GoAwayCode,
  numbers,
  ResetCode,
  SETTING_INITIAL_WINDOW,
  SpdyError,
  streamIdOf,
} from './frames.js'
import { HeaderBlocks } from './header-blocks.js'
import { type SpdyLimits, spdyLimits } from './limits.js'
import { SpdyStream, type StreamLine } from './stream.js'

/** Said before it is used up, so that a client that waits for it need not. */
const WINDOW_UPDATE_BYTES = 32 * 1024
/** For a client to close, too, when everything is said. */
const LINGER_MS = 10_000

export interface SpdySurroundings {
  readonly clock: Clock
  /** What went wrong that no client can be told. */
  onFailure(error: unknown): void
}

/**
 * The server's end of a SPDY/3.1 connection, on a socket that somebody else has upgraded. Streams are
 * opened by the client alone. What is no SPDY, or more than the limits allow, ends the connection.
 *
 * Flow control: clients of Kubernetes do not speak of windows, and wait for none. A client that does
 * (SETTINGS with an initial window) is held to it. While a stream that came in is not read, nothing
 * of the connection is.
 */
export class SpdyConnection implements StreamLine {
  readonly #socket: Duplex
  readonly #clock: Clock
  readonly #limits: SpdyLimits
  readonly #onStream: (stream: SpdyStream) => void
  readonly #blocks: HeaderBlocks
  readonly #streams = new Map<number, SpdyStream>()
  readonly #consumed = new Map<number, number>()
  readonly #gone = new AbortController()
  #initialWindow = Number.POSITIVE_INFINITY
  #lastStreamId = 0
  #linger: Timer | undefined

  constructor(
    socket: Duplex,
    onStream: (stream: SpdyStream) => void,
    { clock, onFailure }: SpdySurroundings,
    limits: SpdyLimits = spdyLimits,
  ) {
    this.#socket = socket
    this.#clock = clock
    this.#limits = limits
    this.#onStream = onStream
    this.#blocks = new HeaderBlocks(limits.headerBytesMax)
    // What a connection dies of is nobody's business: `close` follows.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#onClose())
    this.#readAll().catch((error: unknown) => {
      onFailure(error)
      socket.destroy()
    })
  }

  /** Aborted when the connection is over. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** Sends what is on its way, says goodbye and closes. */
  close(code: number = GoAwayCode.ok): void {
    if (this.#socket.writableEnded || this.#socket.destroyed) return
    const farewell = numbers(this.#lastStreamId, code)
    this.#socket.end(controlFrame(FrameType.goAway, 0, farewell))
    // What still comes is dropped, so that what was sent is not lost with it; but not for ever.
    this.#socket.resume()
    this.#linger = this.#clock.setTimer(LINGER_MS, () => this.#socket.destroy())
  }

  /** Without a farewell. */
  cut(): void {
    this.#socket.destroy()
  }

  // What streams do.

  data(streamId: number, bytes: Uint8Array, isLast: boolean): Promise<void> {
    return this.#write(dataFrame(streamId, isLast ? FLAG_FIN : 0, bytes))
  }

  reset(streamId: number): void {
    this.#reset(streamId, ResetCode.cancel)
  }

  consumed(streamId: number, count: number): void {
    // The rest of a stream that is over: nothing more comes.
    if (!this.#streams.has(streamId)) return
    const sum = (this.#consumed.get(streamId) ?? 0) + count
    this.#consumed.set(streamId, sum < WINDOW_UPDATE_BYTES ? sum : 0)
    if (sum >= WINDOW_UPDATE_BYTES)
      this.#send(controlFrame(FrameType.windowUpdate, 0, numbers(streamId, sum)))
  }

  closed(streamId: number): void {
    this.#streams.delete(streamId)
    this.#consumed.delete(streamId)
  }

  async #readAll(): Promise<void> {
    const reader = new FrameReader(this.#limits.frameBytesMax)
    try {
      // Leaving the loop must not cut the connection: there is something to say yet.
      for await (const bytes of this.#socket.iterator({ destroyOnReturn: false }))
        for (const frame of reader.read(bytes as Buffer)) await this.#take(frame)
      this.close()
    } catch (error) {
      if (error instanceof SpdyError) this.close(GoAwayCode.protocolError)
      else if (this.#gone.signal.aborted || error instanceof BrokenPipe) this.#socket.destroy()
      else if ((error as NodeJS.ErrnoException).code !== undefined) this.#socket.destroy()
      else throw error
    }
  }

  #take(frame: Frame): Promise<void> | undefined {
    if (frame.kind === 'data') return this.#takeData(frame.streamId, frame.flags, frame.payload)
    const { type, flags, payload } = frame
    switch (type) {
      case FrameType.synStream:
        return this.#takeStream(streamIdOf(payload, 10), flags, payload.subarray(10))
      case FrameType.headers:
        return this.#takeHeaders(streamIdOf(payload), flags, payload.subarray(4))
      case FrameType.rstStream:
        this.#streams.get(streamIdOf(payload, 8))?.abort()
        return undefined
      case FrameType.ping:
        // Those with odd numbers are the client's own; others would be answers, and we ask nothing.
        if (streamIdOf(payload) % 2 === 1) this.#send(controlFrame(FrameType.ping, 0, payload))
        return undefined
      case FrameType.settings:
        this.#takeSettings(payload)
        return undefined
      case FrameType.windowUpdate:
        this.#takeWindow(streamIdOf(payload, 8), payload.readUInt32BE(4) & 0x7fff_ffff)
        return undefined
      case FrameType.goAway:
        this.close()
        return undefined
      default:
        // Unknown types are passed over; replies are to streams that we do not open.
        return undefined
    }
  }

  async #takeData(streamId: number, flags: number, payload: Buffer): Promise<void> {
    const stream = this.#streams.get(streamId)
    if (!stream || stream.received.isEnded) {
      // Data for a stream that just closed is on its way quite often; for none at all it is not.
      if (streamId > this.#lastStreamId) throw new SpdyError('data for no stream')
      return
    }
    const isLast = (flags & FLAG_FIN) !== 0
    const writing = stream.received.write(payload)
    if (isLast) stream.endReceived()
    try {
      await writing
    } catch (error) {
      // Who does not want to hear more is not told more.
      if (!(error instanceof BrokenPipe)) throw error
    }
  }

  async #takeStream(streamId: number, flags: number, block: Buffer): Promise<void> {
    // Also that of a stream that is refused: the next block is packed on top of it.
    const headers = await this.#blocks.unpack(block)
    if (streamId % 2 === 0 || streamId <= this.#lastStreamId)
      throw new SpdyError(`stream ${streamId} after ${this.#lastStreamId}`)
    this.#lastStreamId = streamId
    if (this.#streams.size >= this.#limits.streamsMax) {
      this.#reset(streamId, ResetCode.refusedStream)
      return
    }
    const given = { window: this.#initialWindow, roomBytes: this.#limits.streamRoomBytes }
    const stream = new SpdyStream(streamId, headers, this, given)
    this.#streams.set(streamId, stream)
    const reply = Buffer.concat([numbers(streamId), await this.#blocks.pack(new Map())])
    this.#send(controlFrame(FrameType.synReply, 0, reply))
    if ((flags & FLAG_FIN) !== 0) stream.endReceived()
    this.#onStream(stream)
  }

  /** Nobody needs them, but what comes later is packed on top of them. */
  async #takeHeaders(streamId: number, flags: number, block: Buffer): Promise<void> {
    await this.#blocks.unpack(block)
    if ((flags & FLAG_FIN) !== 0) this.#streams.get(streamId)?.endReceived()
  }

  #takeSettings(payload: Buffer): void {
    const count = streamIdOf(payload)
    if (payload.length !== 4 + count * 8) throw new SpdyError('settings of a wrong length')
    for (let at = 4; at < payload.length; at += 8) {
      if (payload.readUIntBE(at + 1, 3) !== SETTING_INITIAL_WINDOW) continue
      const window = payload.readUInt32BE(at + 4) & 0x7fff_ffff
      const before = this.#initialWindow
      this.#initialWindow = window
      for (const stream of this.#streams.values())
        if (Number.isFinite(before)) stream.changeWindow(window - before)
        else stream.limitWindow(window)
    }
  }

  #takeWindow(streamId: number, delta: number): void {
    if (delta === 0) throw new SpdyError('a window that does not change')
    this.#streams.get(streamId)?.changeWindow(delta)
  }

  #reset(streamId: number, code: number): void {
    this.#send(controlFrame(FrameType.rstStream, 0, numbers(streamId, code)))
  }

  /** Small frames that nobody waits for. */
  #send(frame: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frame)
  }

  #write(frame: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#socket.writable) reject(new BrokenPipe())
      else this.#socket.write(frame, (error) => (error ? reject(new BrokenPipe()) : resolve()))
    })
  }

  #onClose(): void {
    this.#linger?.cancel()
    this.#gone.abort()
    for (const stream of [...this.#streams.values()]) stream.abort()
    this.#blocks.close()
  }
}
