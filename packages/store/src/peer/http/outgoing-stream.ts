import type { ServerResponse } from 'node:http'
import type { Clock, Timer } from '../../clock.js'
import type { Message } from '../../raft/types.js'
import { encodeFrames, heartbeatFrame, type StreamKind } from './frames.js'
import type { PeerLimits } from './limits.js'

export interface OutgoingStreamOptions {
  readonly kind: StreamKind
  readonly response: ServerResponse
  readonly clock: Clock
  readonly limits: PeerLimits
  /** It broke: what was in it may be lost. Not called after `close()`. */
  readonly onLost: () => void
}

/** A peer has asked for our messages: they are the body of the answer, which never ends. */
export class OutgoingStream {
  readonly kind: StreamKind
  readonly #options: OutgoingStreamOptions
  #timer: Timer | undefined
  #pendingWrites = 0
  #wroteSinceHeartbeat = false
  #finishedSinceHeartbeat = false
  #stuckMs = 0
  #isClosed = false

  constructor(options: OutgoingStreamOptions) {
    this.kind = options.kind
    this.#options = options
    const { response } = options
    response.socket?.setNoDelay(true)
    response.socket?.setTimeout(0)
    // The body ends with the connection: nothing needs to be said around each piece of it.
    response.removeHeader('Transfer-Encoding')
    response.shouldKeepAlive = false
    response.flushHeaders()
    response.on('error', () => this.#lose())
    response.once('close', () => this.#lose())
    this.#setTimer()
  }

  /** Answers how many bytes it takes; undefined when the peer is too slow for more. */
  write(messages: readonly Message[]): number | undefined {
    const { response, limits } = this.#options
    if (this.#pendingWrites >= limits.queuedWritesMax) return undefined
    if (response.writableLength >= limits.queuedBytesMax) return undefined
    const frames = encodeFrames(this.kind, messages)
    this.#write(frames)
    return frames.length
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.cancel()
    this.#options.response.destroy()
  }

  readonly #onWritten = (): void => {
    this.#pendingWrites--
    this.#finishedSinceHeartbeat = true
  }

  #write(frames: Buffer): void {
    this.#pendingWrites++
    this.#wroteSinceHeartbeat = true
    this.#options.response.write(frames, this.#onWritten)
  }

  #lose(): void {
    if (this.#isClosed) return
    this.close()
    this.#options.onLost()
  }

  #setTimer(): void {
    const { clock, limits } = this.#options
    this.#timer = clock.setTimer(limits.linkHeartbeatMs, () => {
      this.#beat()
      if (!this.#isClosed) this.#setTimer()
    })
  }

  #beat(): void {
    const { linkHeartbeatMs, readTimeoutMs } = this.#options.limits
    const isStuck = this.#pendingWrites > 0 && !this.#finishedSinceHeartbeat
    this.#stuckMs = isStuck ? this.#stuckMs + linkHeartbeatMs : 0
    if (this.#stuckMs >= readTimeoutMs) this.#lose()
    else if (!this.#wroteSinceHeartbeat) this.#write(heartbeatFrame(this.kind))
    this.#wroteSinceHeartbeat = false
    this.#finishedSinceHeartbeat = false
  }
}
