import type { Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../clock.js'
import { acceptTls, type TlsServerOptions } from '../tls/tls-server.js'
import type { ListenLimits } from './limits.js'
import type { Listener } from './listener.js'
import { type Protocol, sniff } from './sniff.js'

export interface Serving {
  readonly clock: Clock
  readonly limits: ListenLimits
  /** For listeners with a secure URL. */
  readonly tls?: TlsServerOptions | undefined
  /** Undefined: HTTP/2 is not spoken here. */
  readonly grpc?: { inject(socket: Duplex): void } | undefined
  /** Undefined: HTTP/1.1 is not spoken here. */
  readonly http?: HttpServer | undefined
}

/** Gives each connection to who speaks its protocol: many on one port, as etcd has it. */
export function serveConnections(listener: Listener, serving: Serving): void {
  const { clock, limits, tls } = serving
  const options = { clock, timeoutMs: limits.firstBytesTimeoutMs }
  const plain = (socket: Duplex) =>
    sniff(socket, options, (protocol) => dispatch(socket, protocol, serving))
  const secure = tls === undefined ? destroy : acceptTls(tls, plain)
  if (!listener.isSecure) listener.serve(plain)
  else if (!listener.isPlain) listener.serve(secure)
  else {
    listener.serve((socket) =>
      sniff(socket, options, (protocol) => {
        if (protocol === 'tls') secure(socket)
        else dispatch(socket, protocol, serving)
      }),
    )
  }
}

const destroy = (socket: Socket): void => {
  socket.destroy()
}

function dispatch(socket: Duplex, protocol: Protocol, serving: Serving): void {
  const { grpc, http } = serving
  if (protocol === 'http2' && grpc !== undefined) grpc.inject(socket)
  else if (protocol === 'http1' && http !== undefined) http.emit('connection', socket)
  else socket.destroy()
}
