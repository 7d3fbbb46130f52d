import { constants, type ServerHttp2Session } from 'node:http2'
import type { ServerInterceptingCallInterface as Call } from '@grpc/grpc-js'
import type { Clock } from '../../clock.js'

/** A connection without calls may be asked for a sign of life this often. */
const WITHOUT_CALLS_MS = 2 * 3_600_000
/** So many pings too early are forgiven. */
const STRIKES_MAX = 2

/** More than the answer to a ping is, also within a TLS record. */
const ANSWER_BYTES_MAX = 64

/** What the calls of one connection tell about it. */
export interface Connection {
  calls: number
}

/**
 * Closes connections that ask too often whether we are still there. Source: gRPC's keepalive
 * enforcement, as etcd's server sets it.
 */
export class PingPolicy {
  readonly #clock: Clock
  readonly #minIntervalMs: number
  readonly #connections = new WeakMap<object, Connection>()

  constructor(clock: Clock, minIntervalMs: number) {
    this.#clock = clock
    this.#minIntervalMs = minIntervalMs
  }

  /** The connection of a call; the first call of each is where it becomes known. */
  connectionOf(call: Call): Connection {
    const session = sessionOf(call)
    if (session === undefined) return { calls: 0 }
    let connection = this.#connections.get(session)
    if (connection === undefined) {
      connection = { calls: 0 }
      this.#connections.set(session, connection)
      this.#watch(session, connection)
    }
    return connection
  }

  #watch(session: ServerHttp2Session, connection: Connection): void {
    let lastMs = Number.NEGATIVE_INFINITY
    let sentBytes = 0
    let strikes = 0
    session.on('ping', () => {
      const nowMs = this.#clock.now()
      const { bytesWritten } = session.socket
      // Whoever is being sent something may measure how fast it comes.
      const isBeingSent = bytesWritten > sentBytes + ANSWER_BYTES_MAX
      const intervalMs = connection.calls > 0 ? this.#minIntervalMs : WITHOUT_CALLS_MS
      if (isBeingSent) strikes = 0
      else if (nowMs < lastMs + intervalMs) strikes++
      sentBytes = bytesWritten
      lastMs = nowMs
      if (strikes > STRIKES_MAX) endCalmly(session)
    })
  }
}

function endCalmly(session: ServerHttp2Session): void {
  if (session.destroyed) return
  const code = constants.NGHTTP2_ENHANCE_YOUR_CALM
  session.goaway(code, 0, Buffer.from('too_many_pings'))
  session.destroy(undefined, code)
}

/** grpc-js keeps it to itself. */
function sessionOf(call: Call): ServerHttp2Session | undefined {
  const { stream } = call as unknown as { stream?: { session?: ServerHttp2Session } }
  return stream?.session
}
