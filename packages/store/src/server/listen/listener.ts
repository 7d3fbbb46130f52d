import { rmSync, statSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Log } from '../../log.js'
import { type Address, keyOf, withPort } from './address.js'
import type { ListenLimits } from './limits.js'

/** A port that accepts connections, and lets them wait until somebody serves them. */
export interface Listener {
  /** Its URLs, with the port it really has. */
  readonly urls: readonly string[]
  readonly isPlain: boolean
  readonly isSecure: boolean
  /** `host:port`, or the path of the socket. */
  readonly address: string
  /** From now on, and for those who wait. */
  serve(onConnection: (socket: Socket) => void): void
  /** Accepts nobody any more. Connections go on until `destroyConnections()`. */
  stop(): void
  destroyConnections(): void
}

/** Listens on each address once, whether with TLS, without, or both. Rejects when one can't be had. */
export async function openListeners(
  addresses: readonly Address[],
  limits: ListenLimits,
  log: Log,
): Promise<Listener[]> {
  const groups = new Map<string, Address[]>()
  for (const address of addresses) {
    const key = keyOf(address)
    groups.set(key, [...(groups.get(key) ?? []), address])
  }
  const opened: Listener[] = []
  try {
    for (const group of groups.values()) opened.push(await PortListener.open(group, limits, log))
    return opened
  } catch (error) {
    for (const listener of opened) listener.stop()
    throw error
  }
}

class PortListener implements Listener {
  readonly urls: readonly string[]
  readonly isPlain: boolean
  readonly isSecure: boolean
  readonly address: string
  readonly #server: Server
  readonly #limits: ListenLimits
  readonly #connections = new Set<Socket>()
  #onConnection: ((socket: Socket) => void) | undefined

  static async open(group: readonly Address[], limits: ListenLimits, log: Log): Promise<Listener> {
    const { target } = group[0] as Address
    if ('path' in target) removeStaleSocket(target.path)
    // Small answers must not wait for the acknowledgement of the one before.
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 })
    server.maxConnections = limits.connectionsMax
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(new Error(`listen ${keyOf(group[0] as Address)}: ${reasonOf(cause)}`, { cause })),
      )
      server.listen(target, () => resolve())
    })
    // No more files: whoever comes now has to come again, the others stay.
    server.on('error', (error) => log.warn('cannot accept a connection', { error }))
    return new PortListener(server, group, limits)
  }

  constructor(server: Server, group: readonly Address[], limits: ListenLimits) {
    const bound = server.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0
    this.#server = server
    this.#limits = limits
    this.urls = group.map(({ url }) => withPort(url, port))
    this.isPlain = group.some(({ isSecure }) => !isSecure)
    this.isSecure = group.some(({ isSecure }) => isSecure)
    this.address = keyOf(group[0] as Address).replace(/:0$/, `:${port}`)
    server.on('connection', (socket) => this.#accept(socket))
  }

  serve(onConnection: (socket: Socket) => void): void {
    this.#onConnection = onConnection
    for (const socket of this.#connections) onConnection(socket)
  }

  stop(): void {
    this.#server.close()
  }

  destroyConnections(): void {
    for (const socket of this.#connections) socket.destroy()
  }

  #accept(socket: Socket): void {
    if (this.#onConnection === undefined && this.#connections.size >= this.#limits.waitingMax) {
      socket.destroy()
      return
    }
    this.#connections.add(socket)
    socket.once('close', () => this.#connections.delete(socket))
    // Peers vanish; whoever serves the socket hears of it by its closing.
    socket.on('error', () => socket.destroy())
    this.#onConnection?.(socket)
  }
}

/** Left by a process that was killed. One that lives would be left without its clients: as etcd does. */
function removeStaleSocket(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path)
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'bind: address already in use',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
  EACCES: 'bind: permission denied',
}

const reasonOf = (error: NodeJS.ErrnoException): string =>
  REASONS[error.code ?? ''] ?? error.message
