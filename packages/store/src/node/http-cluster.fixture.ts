import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNodeDisk } from '../disk/node-disk.js'
import { eventually } from '../eventually.fixture.js'
import { type Log, silentLog } from '../log.js'
import { bootstrapCluster } from '../membership/bootstrap.js'
import { fetchMembers } from '../peer/http/fetch-members.js'
import { type HttpPeers, openHttpPeers } from '../peer/http/http-peers.js'
import { createPeerHandler } from '../peer/http/peer-handler.js'
import { systemClock } from '../server/system-clock.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { type Member, openMember } from './member.js'
import type { MemberOptions } from './member-options.js'

type Settings = Partial<
  Pick<
    MemberOptions,
    'snapshotEntries' | 'catchUpEntries' | 'strictReconfigCheck' | 'corruptCheckMs' | 'log'
  >
>

/** Members in one process that reach each other over real sockets, each with a folder of its own. */
export class HttpCluster implements AsyncDisposable {
  readonly nodes: ClusterNode[] = []
  readonly settings: Settings
  readonly #folder: string
  /** Who can't connect to whom, by name, as `from>to`. */
  readonly #cuts = new Set<string>()

  private constructor(folder: string, settings: Settings) {
    this.#folder = folder
    this.settings = settings
  }

  /** Of this many members, with a leader. */
  static async start(size: number, settings: Settings = {}): Promise<HttpCluster> {
    const cluster = new HttpCluster(await mkdtemp(join(tmpdir(), 'cluster-')), settings)
    for (let i = 0; i < size; i++) await cluster.listen()
    const initial = new Map(cluster.nodes.map((node) => [node.name, [node.url]]))
    await Promise.all(cluster.nodes.map((node) => node.start('new', initial)))
    await cluster.leader()
    await eventually(() => cluster.nodes.every((node) => node.member.isReady))
    return cluster
  }

  /** One more that listens, and runs when it is started. */
  async listen(): Promise<ClusterNode> {
    const name = `m${this.nodes.length + 1}`
    const node = new ClusterNode(this, name, join(this.#folder, name), await listen())
    this.nodes.push(node)
    return node
  }

  /** A member that is added at run time, and started. */
  async join(isLearner: boolean): Promise<ClusterNode> {
    const node = await this.listen()
    const leader = await this.leader()
    const { members } = await leader.member.server.cluster.memberAdd([node.url], isLearner, {})
    const known = members.map(({ name, peerUrls }) => [name || node.name, peerUrls] as const)
    await node.start('existing', new Map(known))
    return node
  }

  get running(): ClusterNode[] {
    return this.nodes.filter((node) => node.isRunning)
  }

  /** The one whom a majority of `among` follows, once there is one. */
  async leader(among: () => readonly ClusterNode[] = () => this.running): Promise<ClusterNode> {
    let found: ClusterNode | undefined
    await eventually(() => {
      const leaders = among().map(({ member }) => member.leader)
      found = among().find(({ member }) => leaders.every((leader) => leader === member.id))
      return found !== undefined
    })
    return found as ClusterNode
  }

  followers(leader: ClusterNode): ClusterNode[] {
    return this.running.filter((node) => node !== leader)
  }

  /** Nothing gets through between the node and the others, in either direction. */
  isolate(node: ClusterNode): void {
    for (const other of this.nodes) this.#cuts.add(`${node.name}>${other.name}`)
    this.hide(node)
  }

  /** Nobody can connect to the node; it can to others. */
  hide(node: ClusterNode): void {
    for (const other of this.nodes) this.#cuts.add(`${other.name}>${node.name}`)
    for (const each of this.nodes) each.dropConnections()
  }

  heal(): void {
    this.#cuts.clear()
  }

  isCut(from: ClusterNode | undefined, to: ClusterNode): boolean {
    return from !== undefined && this.#cuts.has(`${from.name}>${to.name}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.dispose()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}

export class ClusterNode {
  readonly name: string
  readonly url: string
  readonly #cluster: HttpCluster
  readonly #folder: string
  #server: Server
  #member: Member | undefined
  #handle: ((request: IncomingMessage, response: ServerResponse) => void) | undefined

  constructor(cluster: HttpCluster, name: string, folder: string, server: Server) {
    this.#cluster = cluster
    this.name = name
    this.#folder = folder
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#serve()
  }

  get isRunning(): boolean {
    return this.#member !== undefined
  }

  get member(): Member {
    if (this.#member === undefined) throw new Error(`${this.name} does not run`)
    return this.#member
  }

  get log(): Log {
    return this.#cluster.settings.log ?? silentLog
  }

  /** With what its folder has; without, as one of `initialCluster`. */
  async start(
    state: 'new' | 'existing' = 'existing',
    initialCluster: ReadonlyMap<string, readonly string[]> = new Map(),
  ): Promise<void> {
    if (!this.#server.listening) {
      this.#server = await listen(Number(new URL(this.url).port))
      this.#serve()
    }
    let peers: HttpPeers | undefined
    this.#member = await openMember({
      ...this.#cluster.settings,
      name: this.name,
      clientUrls: [`http://${this.name}:2379`],
      bootstrap: () =>
        bootstrapCluster({
          initialCluster,
          state,
          token: 'test',
          ourName: this.name,
          ourPeerUrls: [this.url],
          fetchMembers: (urls) => fetchMembers(urls, { clock: systemClock, log: this.log }),
        }),
      openTransport: ({ id, clusterId, handler }) => {
        peers = this.#openPeers({ id, clusterId }, handler)
        return peers
      },
      clock: systemClock,
      random: new SeededRandom(Number(new URL(this.url).port)),
      disk: openNodeDisk(this.#folder),
      heartbeatMs: 30,
      electionMs: 300,
    })
    const member = this.#member
    this.#handle = createPeerHandler({
      peers: peers as HttpPeers,
      members: () => member.membership.members,
      clusterVersion: () => member.membership.clusterVersion,
      isDowngrading: () => member.membership.downgrade.enabled,
    })
  }

  /** As when its process dies: first nobody hears of it any more. */
  async kill(): Promise<void> {
    const member = this.#member
    this.#member = undefined
    this.#handle = undefined
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.dropConnections()
    await member?.close()
    await closed
  }

  dropConnections(): void {
    this.#server.closeAllConnections()
  }

  async dispose(): Promise<void> {
    if (this.#server.listening) await this.kill()
  }

  #openPeers(
    { id, clusterId }: { readonly id: bigint; readonly clusterId: bigint },
    handler: Parameters<typeof openHttpPeers>[0]['handler'],
  ): HttpPeers {
    return openHttpPeers({
      identity: { id, clusterId, version: '3.6.0', minClusterVersion: '3.0.0' },
      peerUrls: [this.url],
      handler,
      clock: systemClock,
      limits: { redialMs: [20, 100] },
      log: this.log,
    })
  }

  #serve(): void {
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const from = this.#cluster.running.find(
        ({ member }) => member.id.toString(16) === request.headers['x-server-from'],
      )
      if (this.#handle === undefined || this.#cluster.isCut(from, this)) request.socket.destroy()
      else this.#handle(request, response)
    })
  }
}

async function listen(port = 0): Promise<Server> {
  const server = createServer({ requestTimeout: 0 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  return server
}
