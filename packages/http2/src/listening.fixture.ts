import { type AddressInfo, createServer, type Socket } from 'node:net'
import { answering, type Told } from './answering.fixture.js'
import { systemClock } from './clock.fixture.js'
import { type ServeOptions, serveHttp2 } from './serve.js'
import type { ServerConnection } from './stream.js'

export interface Listening extends AsyncDisposable {
  readonly url: string
  readonly connections: readonly ServerConnection[]
}

/** The answering server on a port of its own. */
export async function listening(
  options: Partial<ServeOptions> = {},
  told?: Told,
): Promise<Listening> {
  const connections: ServerConnection[] = []
  const sockets: Socket[] = []
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket)
    connections.push(serveHttp2(socket, { clock: systemClock, ...options }, answering(told)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
