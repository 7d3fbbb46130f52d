import { ClosedStreams, type Ending } from './closed-streams.js'
import { ConnectionError, ErrorCode } from './errors.js'
import type { OpenStream } from './open-stream.js'

/** The streams of a connection: those that are open, and what is known of the others. */
export class Streams {
  readonly #open = new Map<number, OpenStream>()
  readonly #closed = new ClosedStreams()
  /** The highest that the client has begun. */
  lastId = 0

  get size(): number {
    return this.#open.size
  }

  /** A copy: they may end while it is gone through. */
  all(): OpenStream[] {
    return [...this.#open.values()]
  }

  get(streamId: number): OpenStream | undefined {
    return this.#open.get(streamId)
  }

  add(stream: OpenStream): void {
    this.#open.set(stream.id, stream)
  }

  /** Also for one that never was open. */
  close(streamId: number, ending: Ending): void {
    this.#open.delete(streamId)
    this.#closed.add(streamId, ending)
  }

  /** Frames may come for streams that are closed, not for those that nobody opened. */
  checkKnown(streamId: number): void {
    if (streamId === 0 || streamId > this.lastId || streamId % 2 === 0) {
      throw new ConnectionError(ErrorCode.protocolError, `stream ${streamId} is idle`)
    }
  }

  /** DATA of a stream that is not open: throws, or answers whether the client has to be told. */
  isStrayData(streamId: number): boolean {
    this.checkKnown(streamId)
    const ending = this.#closed.endingOf(streamId)
    if (ending === 'ended') {
      throw new ConnectionError(ErrorCode.streamClosed, 'data after the end')
    }
    // What we have reset it could not know of yet.
    return ending !== 'reset'
  }

  /** The same of HEADERS. */
  checkStrayHeaders(streamId: number): void {
    const ending = this.#closed.endingOf(streamId)
    if (ending === 'reset') return
    const code = ending === 'forgotten' ? ErrorCode.protocolError : ErrorCode.streamClosed
    throw new ConnectionError(code, `headers of stream ${streamId}, which is closed`)
  }
}
