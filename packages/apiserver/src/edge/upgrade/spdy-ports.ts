import {
  BrokenPipe,
  type ByteConnection,
  type Clock,
  type PortSession,
  type Timer,
} from '@miniplane/api'
import type { SpdyConnection, SpdySurroundings } from '../spdy/connection.js'
import type { SpdyStream } from '../spdy/stream.js'
import { forward } from './forward.js'

export const PORTS_PROTOCOL = 'portforward.k8s.io'

/** Between the first and the second stream of a request. */
const PAIR_TIMEOUT_MS = 30_000
/** Begun at once; as many as may have streams. */
const PAIRS_MAX = 1000
const PORT_MAX = 65_535

interface Pair {
  data?: SpdyStream
  error?: SpdyStream
  timer?: Timer
}

/** Forwards ports: for each connection a client opens two streams, one for data and one for errors. */
export class SpdyPorts {
  readonly #session: PortSession
  readonly #clock: Clock
  readonly #onFailure: (error: unknown) => void
  readonly #pairs = new Map<string, Pair>()

  constructor(session: PortSession, { clock, onFailure }: SpdySurroundings) {
    this.#session = session
    this.#clock = clock
    this.#onFailure = onFailure
  }

  readonly onStream = (stream: SpdyStream): void => {
    const type = stream.headers.get('streamtype')
    const port = Number(stream.headers.get('port'))
    if ((type !== 'data' && type !== 'error') || !(port > 0 && port <= PORT_MAX)) {
      stream.reset()
      return
    }
    // Clients of long ago gave no id: their error stream comes right before the data.
    const id =
      stream.headers.get('requestid') ?? String(type === 'data' ? stream.id - 2 : stream.id)
    const pair = this.#pairs.get(id) ?? {}
    if (pair[type] || this.#pairs.size >= PAIRS_MAX) {
      stream.reset()
      return
    }
    pair[type] = stream
    if (pair.data && pair.error) {
      pair.timer?.cancel()
      this.#pairs.delete(id)
      this.#forward(pair.data, pair.error, port).catch(this.#onFailure)
    } else {
      this.#pairs.set(id, pair)
      pair.timer = this.#clock.setTimer(PAIR_TIMEOUT_MS, () => this.#giveUp(id, stream))
    }
  }

  /** Resolves when the client or the Pod is gone. */
  talk(connection: SpdyConnection): Promise<void> {
    const close = () => connection.close()
    this.#session.signal.addEventListener('abort', close, { once: true })
    if (this.#session.signal.aborted) close()
    return new Promise((resolve) => {
      connection.signal.addEventListener('abort', () => {
        this.#session.signal.removeEventListener('abort', close)
        for (const { timer } of this.#pairs.values()) timer?.cancel()
        resolve()
      })
    })
  }

  async #forward(data: SpdyStream, error: SpdyStream, port: number): Promise<void> {
    try {
      let connected: ByteConnection
      try {
        connected = await this.#session.connect(port)
      } catch (problem) {
        await error.sent.write(Buffer.from((problem as Error).message))
        return
      }
      await forward(connected, data, this.#session.signal)
    } catch (problem) {
      if (!(problem instanceof BrokenPipe)) throw problem
    } finally {
      data.sent.end()
      error.sent.end()
    }
  }

  #giveUp(id: string, stream: SpdyStream): void {
    this.#pairs.delete(id)
    stream.reset()
  }
}
