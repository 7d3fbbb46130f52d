import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { eventually, sleep } from '../../eventually.fixture.js'
import type { Message, NodeId } from '../../raft/types.js'
import { systemClock } from '../../server/system-clock.js'
import type { Member } from '../../wire/cluster.js'
import type { PeerHandler } from '../transport.js'
import { type HttpPeers, openHttpPeers } from './http-peers.js'
import type { PeerLimits } from './limits.js'
import { createPeerHandler } from './peer-handler.js'

export interface PeerNodeOptions {
  readonly id: NodeId
  readonly clusterId?: bigint
  readonly port?: number
  readonly limits?: Partial<PeerLimits>
  readonly handler?: Partial<PeerHandler>
  readonly members?: readonly Member[]
  /** What it shows to others, as server and, asked for with each connection, as client. */
  readonly tls?: () => SecureContextOptions
}

/** A transport with a listener, behind which somebody writes down what comes. */
export class PeerNode implements AsyncDisposable {
  readonly id: NodeId
  readonly url: string
  readonly peers: HttpPeers
  readonly received: Message[] = []
  readonly unreachable: NodeId[] = []
  readonly snapshots: (readonly [NodeId, boolean])[] = []
  removals = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, options: PeerNodeOptions) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.id = options.id
    const scheme = options.tls === undefined ? 'http' : 'https'
    this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.peers = openHttpPeers({
      identity: {
        id: options.id,
        clusterId: options.clusterId ?? 0xc1n,
        version: '3.6.0',
        minClusterVersion: '3.0.0',
      },
      peerUrls: [this.url],
      handler: { ...this.#writeDown(), ...options.handler },
      clock: systemClock,
      tls: options.tls,
      limits: { redialMs: [10, 40], ...options.limits },
    })
    const handle = createPeerHandler({
      peers: this.peers,
      members: () => options.members ?? [],
      clusterVersion: () => '3.6.0',
      isDowngrading: () => false,
    })
    server.on('request', handle satisfies RequestListener)
  }

  static async open(options: PeerNodeOptions): Promise<PeerNode> {
    const { tls } = options
    const server =
      tls === undefined
        ? createServer({ requestTimeout: 0 })
        : createTlsServer({ ...tls(), requestCert: true, requestTimeout: 0 })
    await new Promise<void>((resolve) =>
      server.listen(options.port ?? 0, '127.0.0.1', () => resolve()),
    )
    return new PeerNode(server, options)
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** What came of one type, in order, by index. */
  indexes(type: Message['type']): number[] {
    return this.received.filter((message) => message.type === type).map(({ index = 0 }) => index)
  }

  /** As a network that is cut would. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peers.close()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cut()
    await closed
  }

  #writeDown(): PeerHandler {
    return {
      process: (message) => void this.received.push(message),
      reportUnreachable: (id) => void this.unreachable.push(id),
      reportSnapshot: (id, isDelivered) => void this.snapshots.push([id, isDelivered]),
      reportRemoved: () => void this.removals++,
      isRemoved: () => false,
      openSnapshot: () => Promise.reject(new Error('no state')),
      receiveSnapshot: async (message, chunks) => {
        for await (const _ of chunks);
        this.received.push(message)
      },
      call: (_, body) => Promise.resolve(body),
    }
  }
}

/** Everyone knows everyone. */
export function introduce(...nodes: readonly PeerNode[]): void {
  for (const node of nodes) {
    for (const other of nodes) node.peers.addPeer(other.id, [other.url])
  }
}

/** Both have the streams of the other. */
export async function connected(a: PeerNode, b: PeerNode): Promise<void> {
  introduce(a, b)
  const isActive = (node: PeerNode, other: PeerNode) =>
    node.peers.activeSince(other.id) !== undefined
  await eventually(() => isActive(a, b) && isActive(b, a))
  await sleep(50)
}
