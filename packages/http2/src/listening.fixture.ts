import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { answering } from './answering.fixture.js'
import { systemClock } from './clock.fixture.js'
import { serveHttp2 } from './serve.js'
import type { ServerConnection } from './stream.js'

export interface Listening extends AsyncDisposable {
  readonly url: string
  readonly connections: readonly ServerConnection[]
}

/** The answering server on a port of its own, over TLS if there is a certificate. */
export async function listening(certificate?: {
  readonly key: Buffer
  readonly cert: Buffer
}): Promise<Listening> {
  const connections: ServerConnection[] = []
  const sockets: Socket[] = []
  const accept = (socket: Socket) => {
    sockets.push(socket)
    connections.push(serveHttp2(socket, { clock: systemClock }, answering()))
  }
  const server =
    certificate === undefined
      ? createServer({ noDelay: true }, accept)
      : createTlsServer({ ...certificate, ALPNProtocols: ['h2'], noDelay: true }, accept)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
