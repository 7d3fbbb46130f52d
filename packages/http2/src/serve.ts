import type { Duplex } from 'node:stream'
import type { Clock } from './clock.js'
import { Connection } from './connection.js'
import type { KeepAliveOptions } from './keep-alive.js'
import { defaultLimits, type Http2Limits } from './limits.js'
import type { RequestHead, ServerConnection, ServerStream, StreamReceiver } from './stream.js'

export interface ServeOptions {
  readonly clock: Clock
  /** What isn't given is `defaultLimits`'. */
  readonly limits?: Partial<Http2Limits> | undefined
  /** Undefined: a silent client may stay. */
  readonly keepAlive?: KeepAliveOptions | undefined
  /** A client that pings more often than this is sent away. Undefined: it may. */
  readonly pingMinIntervalMs?: number | undefined
  /** A connection without streams for so long, and up to twice that, is closed. Undefined: it stays. */
  readonly idleTimeoutMs?: number | undefined
}

/**
 * A request has come: its head, and where the answer goes. The same head may come again and again as
 * the same object, so that what follows from it can be kept with it. Must not throw.
 */
export type RequestHandler = (stream: ServerStream, head: RequestHead) => StreamReceiver

/**
 * Speaks HTTP/2 on a connection that somebody else accepted: a socket, or a TLS socket whose handshake
 * is done. Its first bytes are the client's preface; what was read of them is put back with `unshift`.
 * The socket belongs to the connection from here on, and is closed when it is over.
 */
export function serveHttp2(
  socket: Duplex,
  options: ServeOptions,
  handler: RequestHandler,
): ServerConnection {
  const limits = { ...defaultLimits, ...options.limits }
  return new Connection(socket, { ...options, limits }, handler)
}
