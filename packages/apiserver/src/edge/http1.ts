import type { TLSSocket } from 'node:tls'
import type { Timer } from '@miniplane/api'
import { answer, type EdgeServices } from './answer.js'
import { httpDate } from './http-date.js'
import { Http1Connection, type Http1Options } from './http1/connection.js'
import { type NodeHttp, openNodeHttp } from './node-http.js'

/** How often connections are looked at, and in how many such rounds an idle one is closed. */
const SWEEP_MS = 15_000
const IDLE_SWEEPS_MAX = 12

/** The connections of an edge that speak HTTP/1.1. */
export class Http1 {
  readonly #services: EdgeServices
  readonly #options: Http1Options
  readonly #connections = new Set<Http1Connection>()
  #nodeHttp: Promise<NodeHttp> | undefined
  #sweeping: Timer | undefined
  #isClosed = false

  constructor(services: EdgeServices) {
    const { limits, clock } = services.apiServer
    this.#services = services
    this.#options = {
      bodyBytesMax: limits.requestBodyBytesMax,
      turnEnd: services.turnEnd,
      date: httpDate(clock),
      // All that came in a turn is read first and answered then: code that stays in the processor's
      // caches takes half the time (docs/adr/0015).
      answer: (request, stream) =>
        services.turnEnd.add(() => void answer(services, request, stream)),
      handOver: (connection, socket, received) => {
        // Its new owner has its own idea of what is idle; a watch over WebSocket is not.
        this.#connections.delete(connection)
        void this.#handOver(socket, received)
      },
    }
  }

  serve(socket: TLSSocket): void {
    const connection = new Http1Connection(socket, this.#options)
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
    if (!this.#sweeping) this.#sweepLater()
  }

  close(): void {
    this.#isClosed = true
    this.#sweeping?.cancel()
    void this.#nodeHttp?.then((one) => one.close())
  }

  async #handOver(socket: TLSSocket, received: Buffer): Promise<void> {
    socket.pause()
    // Until it has a new owner: a connection that breaks off meanwhile is nobody's mistake.
    const ignore = () => socket.destroy()
    socket.on('error', ignore)
    this.#nodeHttp ??= openNodeHttp(this.#services, SWEEP_MS * IDLE_SWEEPS_MAX)
    const nodeHttp = await this.#nodeHttp
    if (this.#isClosed || socket.destroyed) return
    socket.off('error', ignore)
    nodeHttp.takeOver(socket, received)
  }

  #sweepLater(): void {
    this.#sweeping = this.#services.apiServer.clock.setTimer(SWEEP_MS, () => {
      this.#sweeping = undefined
      for (const connection of this.#connections) connection.sweep(IDLE_SWEEPS_MAX)
      if (this.#connections.size > 0 && !this.#isClosed) this.#sweepLater()
    })
  }
}
