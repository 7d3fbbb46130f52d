import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Clock } from '../clock.js'
import type { StoreLimits } from '../limits.js'
import { systemClock } from '../server/system-clock.js'
import type { CallObserver } from './call-observer.js'
import { etcdServices } from './etcd-services.js'
import { createGateway } from './gateway/create-gateway.js'
import { serveGrpc } from './grpc/serve-grpc.js'
import type { Leadership } from './leadership.js'
import { defaultRpcLimits, type RpcLimits } from './limits.js'
import { type LocalServer, openLocalServer } from './local-server.fixture.js'

export interface ListenerOptions {
  readonly limits?: Partial<RpcLimits>
  readonly storeLimits?: Partial<StoreLimits>
  readonly leadership?: Leadership
  readonly observer?: CallObserver
  readonly keepaliveMinTimeMs?: number
  /** Default: one that goes. */
  readonly clock?: Clock
}

export interface LocalListener extends AsyncDisposable {
  readonly server: LocalServer
  /** `127.0.0.1:port`, for gRPC and for HTTP. */
  readonly address: string
  readonly port: number
  /** As a broken network does. */
  dropConnections(): void
}

/** The local server behind gRPC and the gateway, on one port. */
export async function listenLocally(options: ListenerOptions = {}): Promise<LocalListener> {
  const { clock = systemClock, observer, leadership, keepaliveMinTimeMs } = options
  const limits = { ...defaultRpcLimits, ...options.limits }
  const server = openLocalServer(clock, options.storeLimits)
  const services = etcdServices(server, { clock, limits, leadership })
  const grpc = serveGrpc(services, { clock, limits, observer, keepaliveMinTimeMs })
  const gateway = createGateway(services, { limits, observer })
  const http = createHttpServer((request, response) => {
    if (!gateway(request, response)) response.writeHead(404).end('404 page not found\n')
  })
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    socket.once('readable', () => {
      const bytes: Buffer | null = socket.read()
      if (bytes === null) return
      socket.unshift(bytes)
      // Only the preface of HTTP/2 begins so.
      if (bytes[0] === 'P'.charCodeAt(0) && bytes[1] === 'R'.charCodeAt(0)) grpc.inject(socket)
      else http.emit('connection', socket)
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  return {
    server,
    port,
    address: `127.0.0.1:${port}`,
    dropConnections() {
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      await grpc.close(100)
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
      await server[Symbol.asyncDispose]()
    },
  }
}
