import { BrokenPipe, BytePipe, type ByteSink } from '@miniplane/api'
import type { SpdyHeaders } from './header-blocks.js'

/** What a stream may do to its connection. */
export interface StreamLine {
  data(streamId: number, bytes: Uint8Array, isLast: boolean): Promise<void>
  reset(streamId: number): void
  /** That many bytes were taken by the reader. */
  consumed(streamId: number, count: number): void
  /** Both sides are done with it. */
  closed(streamId: number): void
}

/** Larger pieces are sent in several frames, so that other streams get their turn. */
const CHUNK_BYTES = 64 * 1024

/** One of the streams of a connection that the client opened: bytes both ways. */
export class SpdyStream {
  readonly id: number
  readonly headers: SpdyHeaders
  /** What the client sends. */
  readonly received: BytePipe
  /** What it is sent; its `end` closes this side. */
  readonly sent: ByteSink
  readonly #line: StreamLine
  /** How much the client takes before it says more; without end while it does not speak of it. */
  #window: number
  #waiting: (() => void)[] = []
  #isClosedHere = false
  #isClosedThere = false

  constructor(
    id: number,
    headers: SpdyHeaders,
    line: StreamLine,
    given: { readonly window: number; readonly roomBytes: number },
  ) {
    this.id = id
    this.headers = headers
    this.received = new BytePipe(given.roomBytes, (count) => line.consumed(id, count))
    this.sent = { write: (bytes) => this.#write(bytes), end: () => this.#end() }
    this.#line = line
    this.#window = given.window
  }

  /** Neither side has anything to say any more. */
  reset(): void {
    if (this.#isClosedHere && this.#isClosedThere) return
    this.#line.reset(this.id)
    this.abort()
  }

  /** The client closed its side. */
  endReceived(): void {
    this.received.end()
    this.#isClosedThere = true
    if (this.#isClosedHere) this.#line.closed(this.id)
  }

  /** The client, or the connection, is through with it. */
  abort(): void {
    this.#isClosedHere = true
    this.#isClosedThere = true
    this.received.break()
    this.#wake()
    this.#line.closed(this.id)
  }

  /** The client has begun to speak of windows. */
  limitWindow(window: number): void {
    this.#window = window
  }

  /** The client takes `delta` bytes more (or fewer: its settings changed). */
  changeWindow(delta: number): void {
    this.#window += delta
    if (this.#window > 0) this.#wake()
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let rest = bytes
    do {
      while (this.#window <= 0 && !this.#isClosedHere)
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      if (this.#isClosedHere) throw new BrokenPipe()
      const part = rest.subarray(0, Math.min(CHUNK_BYTES, this.#window))
      this.#window -= part.length
      rest = rest.subarray(part.length)
      await this.#line.data(this.id, part, false)
    } while (rest.length > 0)
  }

  #end(): void {
    if (this.#isClosedHere) return
    this.#isClosedHere = true
    this.#wake()
    this.#line.data(this.id, new Uint8Array(), true).catch((error: unknown) => {
      // The connection is gone: that there is nothing more is no news then.
      if (!(error instanceof BrokenPipe)) throw error
    })
    if (this.#isClosedThere) this.#line.closed(this.id)
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
