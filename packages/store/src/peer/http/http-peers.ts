import type { ServerResponse } from 'node:http'
import type { Clock } from '../../clock.js'
import { StoreError } from '../../errors.js'
import type { Log } from '../../log.js'
import { silentLog } from '../../log.js'
import { formatId } from '../../membership/ids.js'
import { type NetworkMetrics, silentMetrics } from '../../metrics/metrics.js'
import type { Message, MessageType, NodeId } from '../../raft/types.js'
import type { PeerHandler, PeerTransport } from '../transport.js'
import { callRoutes, refusalFromHttp } from './calls.js'
import type { StreamKind } from './frames.js'
import { identityHeaders, type PeerIdentity } from './identity.js'
import { defaultPeerLimits, type PeerLimits } from './limits.js'
import { Peer } from './peer.js'
import { type ClientTls, PeerClient, readBody, responseTo } from './peer-client.js'
import { Prober } from './prober.js'

export interface HttpPeersOptions {
  readonly identity: PeerIdentity
  /** Ours: peers that don't know us yet answer to them. */
  readonly peerUrls: readonly string[]
  readonly handler: PeerHandler
  readonly clock: Clock
  /** With what we show ourselves to https peers. */
  readonly tls?: ClientTls | undefined
  readonly log?: Log | undefined
  readonly metrics?: NetworkMetrics | undefined
  readonly limits?: Partial<PeerLimits> | undefined
}

/**
 * The way to the other members over HTTP, as etcd's members talk to each other: each opens two
 * streams to each, in which messages come. Its other half is `createPeerHandler`.
 */
export function openHttpPeers(options: HttpPeersOptions): HttpPeers {
  return new HttpPeers(options)
}

export class HttpPeers implements PeerTransport {
  readonly identity: PeerIdentity
  readonly handler: PeerHandler
  readonly clock: Clock
  readonly limits: PeerLimits
  readonly log: Log
  readonly metrics: NetworkMetrics
  readonly #client: PeerClient
  readonly #headers: Record<string, string>
  readonly #peers = new Map<NodeId, Peer>()
  readonly #unreachable = new Set<NodeId>()
  readonly #snapshots = new Map<NodeId, Promise<void>>()
  readonly #prober: Prober
  #isClosed = false

  constructor(options: HttpPeersOptions) {
    const { identity, handler, clock, log = silentLog } = options
    this.identity = identity
    this.handler = handler
    this.clock = clock
    this.log = log
    this.metrics = options.metrics ?? silentMetrics.network
    this.limits = { ...defaultPeerLimits, ...options.limits }
    this.#client = new PeerClient(options.tls)
    this.#headers = identityHeaders(identity, options.peerUrls)
    this.#prober = new Prober({ clock, limits: this.limits, client: this.#client })
  }

  addPeer(id: NodeId, urls: readonly string[]): void {
    const known = this.#peers.get(id)
    if (this.#isClosed || id === this.identity.id || known?.isRemote === false) return
    known?.close()
    const peer = this.#open(id, urls, false)
    this.#peers.set(id, peer)
    this.#prober.add(peer, this.metrics.peer(formatId(id)).roundTripSeconds)
  }

  updatePeer(id: NodeId, urls: readonly string[]): void {
    this.#peers.get(id)?.urls.update(urls)
  }

  removePeer(id: NodeId): void {
    const peer = this.#peers.get(id)
    if (peer === undefined) return
    this.#prober.remove(peer)
    peer.close()
    this.#peers.delete(id)
  }

  /** Somebody of our cluster of whom the log hasn't told yet. What we have to say to it is sent. */
  addRemote(id: NodeId, urls: readonly string[]): void {
    if (this.#isClosed || urls.length === 0 || this.#peers.has(id)) return
    const remotes = [...this.#peers.values()].filter(({ isRemote }) => isRemote)
    const [oldest] = remotes
    if (oldest !== undefined && remotes.length >= this.limits.remotesMax) this.removePeer(oldest.id)
    this.#peers.set(id, this.#open(id, urls, true))
  }

  send(messages: readonly Message[]): void {
    if (this.#isClosed) return
    const byPeer = new Map<NodeId, Message[]>()
    for (const message of messages) {
      if (message.type === 'MsgSnap') {
        this.#sendSnapshot(message)
        continue
      }
      const list = byPeer.get(message.to)
      if (list === undefined) byPeer.set(message.to, [message])
      else list.push(message)
    }
    for (const [id, list] of byPeer) this.#peers.get(id)?.send(list)
  }

  activeSince(id: NodeId): number | undefined {
    return this.#peers.get(id)?.activeSinceMs
  }

  async call(id: NodeId, path: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const route = callRoutes.find((one) => one.path === path)
    if (route === undefined) throw new Error(`no way to ask a member for ${path}`)
    const peer = this.#peers.get(id)
    if (peer === undefined || this.#isClosed) throw connectionLost('it is no peer of ours')
    const http = route.toHttp(body)
    const url = peer.urls.current
    const request = { url, path: route.urlPath + http.urlSuffix, body: http.body }
    const { status, answer } = await this.#ask(request, signal).catch((error: unknown) => {
      peer.urls.unreachable(url)
      if (signal.aborted) throw new StoreError({ code: 'Canceled' }, { cause: error })
      throw connectionLost(error)
    })
    if (status === 200) return route.decodeAnswer(answer)
    const text = answer.toString().trim()
    throw refusalFromHttp(text) ?? connectionLost(`${status} ${text}`)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#prober.close()
    for (const peer of this.#peers.values()) peer.close()
    await Promise.allSettled(this.#snapshots.values())
    this.#peers.clear()
    this.#client.close()
  }

  /** A peer asks for a stream of our messages. Answers false when it is none. */
  attach(id: NodeId, kind: StreamKind, response: ServerResponse): boolean {
    const peer = this.#peers.get(id)
    if (peer === undefined || peer.isRemote) return false
    peer.attach(kind, response)
    return true
  }

  /** What came from `from`, whichever way. */
  receive(from: NodeId, message: Message, bytes: number): void {
    const metrics = this.metrics.peer(formatId(from))
    metrics.receivedBytes.add(bytes)
    if (message.to !== this.identity.id || !comesFromOthers.has(message.type)) {
      metrics.receiveFailures.add()
      return
    }
    if (!this.#isClosed) this.handler.process(message)
  }

  #open(id: NodeId, urls: readonly string[], isRemote: boolean): Peer {
    return new Peer({
      id,
      selfId: this.identity.id,
      urls,
      isRemote,
      client: this.#client,
      headers: () => this.#headers,
      clock: this.clock,
      limits: this.limits,
      metrics: this.metrics.peer(formatId(id)),
      log: this.log,
      receive: (message, bytes) => this.receive(id, message, bytes),
      onUnreachable: (unreachable) => this.#reportUnreachable(unreachable),
      onRemoved: () => this.#reportRemoved(id),
    })
  }

  /** Afterwards, and once: it may be found out inside of `send()`, many times. */
  #reportUnreachable(id: NodeId): void {
    this.#unreachable.add(id)
    if (this.#unreachable.size > 1) return
    queueMicrotask(() => {
      const ids = [...this.#unreachable]
      this.#unreachable.clear()
      if (this.#isClosed) return
      for (const unreachable of ids) this.handler.reportUnreachable(unreachable)
    })
  }

  #reportRemoved(by: NodeId): void {
    if (this.#isClosed) return
    this.log.error('the member has been permanently removed from the cluster', {
      'peer-id': formatId(by),
    })
    this.handler.reportRemoved()
  }

  #sendSnapshot(message: Message): void {
    const { to } = message
    const peer = this.#peers.get(to)
    const hasRoom = this.#snapshots.size < this.limits.snapshotsInFlightMax
    if (peer === undefined || this.#snapshots.has(to) || !hasRoom) {
      queueMicrotask(() => this.#reportSnapshot(to, false))
      return
    }
    const sending = this.#streamSnapshot(peer, message).then((isDelivered) => {
      this.#snapshots.delete(to)
      this.metrics.snapshotSendsInFlight.set(this.#snapshots.size)
      this.#reportSnapshot(to, isDelivered)
    })
    this.#snapshots.set(to, sending)
    this.metrics.snapshotSendsInFlight.set(this.#snapshots.size)
  }

  async #streamSnapshot(peer: Peer, message: Message): Promise<boolean> {
    const fields = { 'peer-id': formatId(peer.id), index: message.snapshot?.metadata?.index }
    try {
      const state = await this.handler.openSnapshot(message)
      this.log.info('sending a snapshot', { ...fields, bytes: state.sizeBytes })
      await peer.sendSnapshot(message, state)
      this.log.info('sent a snapshot', fields)
      return true
    } catch (error) {
      this.log.warn('could not send a snapshot', { ...fields, error: String(error) })
      this.#reportUnreachable(peer.id)
      return false
    }
  }

  #reportSnapshot(to: NodeId, isDelivered: boolean): void {
    if (!this.#isClosed) this.handler.reportSnapshot(to, isDelivered)
  }

  async #ask(
    { url, path, body }: { url: string; path: string; body: Uint8Array },
    signal: AbortSignal,
  ): Promise<{ status: number; answer: Buffer }> {
    const headers = {
      ...this.#headers,
      'Content-Type': 'application/protobuf',
      'Content-Length': body.length,
    }
    const request = this.#client.open({ url, path, method: 'POST', headers })
    const abort = (): void => void request.destroy(new Error('not wanted any more'))
    signal.addEventListener('abort', abort)
    try {
      if (signal.aborted) abort()
      request.end(body)
      const { callTimeoutMs } = this.limits
      const response = await responseTo(request, this.clock, callTimeoutMs)
      const answer = await readBody(response, ANSWER_BYTES_MAX, this.clock, callTimeoutMs)
      return { status: response.statusCode ?? 0, answer }
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** The others are what a member tells itself. */
const comesFromOthers: ReadonlySet<MessageType> = new Set([
  'MsgProp',
  'MsgApp',
  'MsgAppResp',
  'MsgVote',
  'MsgVoteResp',
  'MsgSnap',
  'MsgHeartbeat',
  'MsgHeartbeatResp',
  'MsgTransferLeader',
  'MsgTimeoutNow',
  'MsgReadIndex',
  'MsgReadIndexResp',
  'MsgPreVote',
  'MsgPreVoteResp',
])

const connectionLost = (cause: unknown): StoreError =>
  new StoreError({ code: 'TimeoutDueToConnectionLost' }, { cause })
