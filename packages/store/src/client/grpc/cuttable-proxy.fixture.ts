import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Passes bytes on to a server, until it is told not to. */
export class CuttableProxy implements AsyncDisposable {
  readonly url: string
  readonly #server: Server
  readonly #sockets: Set<Socket>
  cuts = 0

  private constructor(server: Server, sockets: Set<Socket>) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#server = server
    this.#sockets = sockets
  }

  static async start(target: string): Promise<CuttableProxy> {
    const { hostname, port } = new URL(target)
    const sockets = new Set<Socket>()
    const server = createServer((client) => {
      const behind = connect(Number(port), hostname)
      for (const [from, to] of [
        [client, behind],
        [behind, client],
      ] as const) {
        sockets.add(from)
        from.pipe(to)
        from.on('error', () => to.destroy())
        from.on('close', () => {
          sockets.delete(from)
          to.destroy()
        })
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new CuttableProxy(server, sockets)
  }

  /** Every connection ends in the middle of whatever is on it. */
  cut(): void {
    this.cuts++
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Nothing gets through any more, and nobody is told: a cable is pulled. */
  freeze(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
