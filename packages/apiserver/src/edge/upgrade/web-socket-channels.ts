import { BrokenPipe, BytePipe, type ByteSink } from '@miniplane/api'
import type { RawData, WebSocket } from 'ws'

/** How channels are told apart in messages. Source: the WebSocket subprotocols of Kubernetes. */
export interface ChannelProtocol {
  /** As it is agreed on; empty when the client offered none. */
  readonly name: string
  /** Messages are text: the channel as a digit, and the bytes in base64. */
  readonly isBase64: boolean
  /** A client may say that a channel has ended (v5). */
  readonly hasClose: boolean
}

export const binary = (name: string, hasClose = false): ChannelProtocol => ({
  name,
  isBase64: false,
  hasClose,
})
export const base64 = (name: string): ChannelProtocol => ({ name, isBase64: true, hasClose: false })

/** Instead of a channel: the one that follows has ended. */
const CLOSE_SIGNAL = 255
const DIGIT_ZERO = 0x30
const NORMAL_CLOSURE = 1000

/**
 * Streams of bytes that share one WebSocket: the first byte of a message says which. While one that
 * came in is not read, none is: the client has to wait.
 */
export class WebSocketChannels {
  readonly #socket: WebSocket
  readonly #protocol: ChannelProtocol
  readonly #incoming = new Map<number, BytePipe>()
  readonly #gone = new AbortController()
  /** Messages whose channel has no room for them yet. */
  #writing = 0

  constructor(socket: WebSocket, protocol: ChannelProtocol) {
    this.#socket = socket
    this.#protocol = protocol
    socket.on('message', (data) => this.#receive(data))
    // A client that breaks the protocol is closed by ws, and `close` follows.
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#onClose())
  }

  /** Aborted when the client is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** What the client sends on a channel; what comes on others is dropped. */
  source(channel: number): BytePipe {
    const pipe = new BytePipe()
    this.#incoming.set(channel, pipe)
    if (this.signal.aborted) pipe.end()
    return pipe
  }

  sink(channel: number): ByteSink {
    return { write: (bytes) => this.send(channel, bytes), end: () => undefined }
  }

  /** Resolves when the network has taken it. Rejects with `BrokenPipe` when the client is gone. */
  send(channel: number, bytes: Uint8Array): Promise<void> {
    const message = this.#protocol.isBase64
      ? String.fromCharCode(DIGIT_ZERO + channel) + Buffer.from(bytes).toString('base64')
      : Buffer.concat([Buffer.of(channel), bytes])
    return new Promise((resolve, reject) => {
      this.#socket.send(message, (error) => (error ? reject(new BrokenPipe()) : resolve()))
    })
  }

  close(): void {
    // Otherwise the client's own farewell would not be read.
    this.#socket.resume()
    this.#socket.close(NORMAL_CLOSURE)
  }

  /** Without a farewell. */
  cut(): void {
    this.#socket.terminate()
  }

  #receive(data: RawData): void {
    const message = data as Buffer
    const [first] = message
    if (first === undefined) return
    if (this.#protocol.hasClose && first === CLOSE_SIGNAL) {
      const pipe = message.length === 2 ? this.#incoming.get(message[1] as number) : undefined
      if (message.length !== 2) this.#socket.close(NORMAL_CLOSURE)
      pipe?.end()
      return
    }
    const { isBase64 } = this.#protocol
    const pipe = this.#incoming.get(isBase64 ? first - DIGIT_ZERO : first)
    if (!pipe || pipe.isEnded) return
    const rest = message.subarray(1)
    void this.#pass(pipe, isBase64 ? Buffer.from(rest.toString('latin1'), 'base64') : rest)
  }

  async #pass(pipe: BytePipe, bytes: Uint8Array): Promise<void> {
    this.#writing++
    this.#socket.pause()
    try {
      await pipe.write(bytes)
    } catch (error) {
      // Who does not want to hear more is not told more.
      if (!(error instanceof BrokenPipe)) throw error
    } finally {
      // Another channel may have to wait still.
      if (--this.#writing === 0) this.#socket.resume()
    }
  }

  #onClose(): void {
    this.#gone.abort()
    for (const pipe of this.#incoming.values()) pipe.end()
  }
}
