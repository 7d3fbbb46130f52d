import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { Clock, Timer } from '../clock.js'
import type { AutoCompactor } from '../compactor/auto-compactor.js'
import { formatId } from '../membership/ids.js'
import { CLUSTER_VERSION } from '../node/cluster-version.js'
import type { Member } from '../node/member.js'
import { createPeerHandler } from '../peer/http/peer-handler.js'
import type { Random } from '../random.js'
import { startCompactor } from './compaction.js'
import type { Settings } from './config/options/options.js'
import { linkWalFolder, prepareFolder } from './data-dir.js'
import { handOver } from './hand-over.js'
import { answerText } from './http/handler.js'
import { httpServer } from './http/http-server.js'
import { parseAddress, withPorts } from './listen/address.js'
import { defaultListenLimits } from './listen/limits.js'
import { type Listener, openListeners } from './listen/listener.js'
import { type Serving, serveConnections } from './listen/serve-connections.js'
import type { ProgramLog } from './log/json-log.js'
import { openConfiguredMember } from './member.js'
import { openPrometheus, type Prometheus } from './metrics/prometheus.js'
import type { ClientServices } from './services.js'
import { openSecurity, type Security } from './tls/security.js'

export interface EtcdContext {
  readonly clock: Clock
  readonly random: Random
  readonly log: ProgramLog
  /** Nothing is logged any more. */
  readonly onClosed?: (() => void) | undefined
}

const limits = defaultListenLimits
/** How often a member that starts looks whether it is one. */
const READY_POLL_MS = 2
/** What calls under way may still take when the program ends. */
const CLOSE_GRACE_MS = 2000

interface Listeners {
  readonly peers: readonly Listener[]
  readonly clients: readonly Listener[]
  /** Of clients as well, but without gRPC. */
  readonly http: readonly Listener[]
  readonly metrics: readonly Listener[]
}

/**
 * Opens the member that the settings describe: its peers can reach it when this resolves, its
 * clients when `ready` does. Rejects with an error that says what is in the way.
 */
export async function openEtcd(settings: Settings, context: EtcdContext): Promise<Etcd> {
  const { clock, log } = context
  const warning = prepareFolder(settings['data-dir'])
  if (warning !== undefined) log.warn('check file permission', { error: warning })
  if (settings['wal-dir'] !== '')
    linkWalFolder(join(settings['data-dir'], 'member'), settings['wal-dir'])
  const { handshakeTimeoutMs } = limits
  const security = await openSecurity(settings, { clock, log, handshakeTimeoutMs })
  const listeners = await listen(settings, log)
  try {
    return await startMember(settings, context, security, listeners)
  } catch (error) {
    for (const listener of Object.values(listeners).flat()) listener.stop()
    throw error
  }
}

async function listen(settings: Settings, log: ProgramLog): Promise<Listeners> {
  const opened: Listener[] = []
  const open = async (urls: readonly string[]) => {
    const listeners = await openListeners(urls.map(parseAddress), limits, log)
    opened.push(...listeners)
    return listeners
  }
  try {
    log.info('configuring peer listeners', { 'listen-peer-urls': settings['listen-peer-urls'] })
    const peers = await open(settings['listen-peer-urls'])
    log.info('configuring client listeners', {
      'listen-client-urls': settings['listen-client-urls'],
    })
    const clients = await open(settings['listen-client-urls'])
    const http = await open(settings['listen-client-http-urls'])
    return { peers, clients, http, metrics: await open(settings['listen-metrics-urls']) }
  } catch (error) {
    for (const listener of opened) listener.stop()
    throw error
  }
}

async function startMember(
  settings: Settings,
  context: EtcdContext,
  security: Security,
  listeners: Listeners,
): Promise<Etcd> {
  const { clock, random, log } = context
  let member: Member | undefined
  const prometheus = openPrometheus({
    serverVersion: CLUSTER_VERSION,
    clusterVersion: () => member?.membership.clusterVersion,
    isExtensive: settings.metrics === 'extensive',
  })
  const peerPort = openPeerPort(listeners.peers, context, security)
  // While the disk is busy: gRPC takes a while to load.
  const loading = import('./services.js')
  const opened = await openConfiguredMember(settings, {
    clock,
    random,
    log: log.of('node/member.ts'),
    metrics: prometheus.metrics,
    tls: security.toPeers,
    peerUrls: withPorts(settings['initial-advertise-peer-urls'], urlsOf(listeners.peers)),
    clientUrls: withPorts(settings['advertise-client-urls'], urlsOf(listeners.clients)),
  })
  member = opened.member
  const { openClientServices } = await loading
  const services = openClientServices(member, settings, { clock, log, prometheus })
  peerPort.handler = createPeerHandler({
    peers: opened.peers,
    members: () => opened.member.membership.members,
    clusterVersion: () => opened.member.membership.clusterVersion,
    isDowngrading: () => opened.member.membership.downgrade.enabled,
  })
  for (const { address } of listeners.peers) log.info('serving peer traffic', { address })
  return new Etcd({ settings, context, security, listeners, prometheus, member, services })
}

/**
 * Answers peers from the beginning: members that begin together ask each other who is there, and
 * one that says nothing would keep the others waiting.
 */
function openPeerPort(
  listeners: readonly Listener[],
  { clock }: EtcdContext,
  { peers: tls }: Security,
): { handler: RequestListener } {
  const port: { handler: RequestListener } = {
    handler: (_request, response) => answerText(response, 503, 'the member is starting'),
  }
  const http = httpServer((request, response) => port.handler(request, response), 'peers')
  for (const listener of listeners) serveConnections(listener, { clock, limits, tls, http })
  return port
}

interface Parts {
  readonly settings: Settings
  readonly context: EtcdContext
  readonly security: Security
  readonly listeners: Listeners
  readonly prometheus: Prometheus
  readonly member: Member
  readonly services: ClientServices
}

/** A running member with its ports. */
export class Etcd implements AsyncDisposable {
  readonly member: Member
  readonly clientUrls: readonly string[]
  readonly peerUrls: readonly string[]
  readonly metricsUrls: readonly string[]
  /** Resolves when clients are served; never when the member is closed before. */
  readonly ready: Promise<void>
  readonly #parts: Parts
  readonly #compactor: AutoCompactor | undefined
  #readyTimer: Timer | undefined
  #closing: Promise<void> | undefined

  constructor(parts: Parts) {
    const { listeners, member } = parts
    this.#parts = parts
    this.member = member
    this.clientUrls = [...urlsOf(listeners.clients), ...urlsOf(listeners.http)]
    this.peerUrls = urlsOf(listeners.peers)
    this.metricsUrls = urlsOf(listeners.metrics)
    this.#serve(listeners.metrics, { http: parts.services.monitoring })
    this.#compactor = startCompactor(member, parts.settings, parts.context)
    this.ready = this.#becomeReady()
  }

  /** Ends what is under way, hands over leadership, leaves ports and disk. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #becomeReady(): Promise<void> {
    const { listeners, services, context, settings } = this.#parts
    const { clock, log } = context
    const giveUpMs = clock.now() + settings['wait-cluster-ready-timeout']
    await new Promise<void>((resolve) => {
      const look = () => {
        const isTooLate = clock.now() >= giveUpMs
        // Without a quorum there is still what needs none.
        if (isTooLate) log.warn('timed out waiting for the ready notification')
        if (this.member.isReady || isTooLate) resolve()
        else this.#readyTimer = clock.setTimer(READY_POLL_MS, look)
      }
      look()
    })
    log.info('ready to serve client requests', {
      'local-member-id': formatId(this.member.id),
      'cluster-id': formatId(this.member.clusterId),
    })
    const { grpc, http } = services
    this.#serve(listeners.clients, {
      grpc,
      http: listeners.http.length === 0 ? http : undefined,
    })
    this.#serve(listeners.http, { http })
    for (const listener of [...listeners.clients, ...listeners.http]) logServing(listener, context)
  }

  #serve(listeners: readonly Listener[], what: Pick<Serving, 'grpc' | 'http'>): void {
    const { clock } = this.#parts.context
    const tls = this.#parts.security.clients
    for (const listener of listeners) serveConnections(listener, { clock, limits, tls, ...what })
  }

  async #close(): Promise<void> {
    const { settings, context, listeners, services } = this.#parts
    const fields = { name: settings.name, 'data-dir': settings['data-dir'] }
    context.log.info('closing etcd server', fields)
    this.#readyTimer?.cancel()
    const ofClients = [...listeners.clients, ...listeners.http]
    for (const listener of ofClients) listener.stop()
    this.#compactor?.close()
    await services.grpc.close(CLOSE_GRACE_MS)
    await handOver(this.member, context)
    await this.member.close()
    for (const listener of Object.values(listeners).flat()) {
      listener.stop()
      listener.destroyConnections()
    }
    context.log.info('closed etcd server', fields)
    context.onClosed?.()
  }
}

function logServing({ address, isPlain, isSecure }: Listener, { log }: EtcdContext): void {
  if (isPlain) {
    log.info('serving client traffic insecurely; this is strongly discouraged!', {
      traffic: 'grpc+http',
      address,
    })
  }
  if (isSecure) log.info('serving client traffic securely', { traffic: 'grpc+http', address })
}

const urlsOf = (listeners: readonly Listener[]): string[] => listeners.flatMap(({ urls }) => urls)
