import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import {
  type RequestHead,
  type ServeOptions,
  type ServerConnection,
  type ServerStream,
  type StreamReceiver,
  serveHttp2,
} from '@miniplane/http2'
import type { Clock } from '../../clock.js'
import { StoreError } from '../../errors.js'
import type { CallObserver } from '../call-observer.js'
import type { RpcLimits } from '../limits.js'
import { pathOf, type Service } from '../service.js'
import { refuse } from './answer.js'
import type { Opened } from './call.js'
import type { CallContext, Route } from './call-context.js'
import { type CallPlan, planOf, type Routes } from './call-plan.js'
import { BidiCall, ServerStreamCall } from './stream-call.js'
import { UnaryCall } from './unary-call.js'

export interface GrpcServerOptions {
  readonly clock: Clock
  readonly limits: RpcLimits
  /** The server asks a silent client for a sign of life. etcd's `--grpc-keepalive-interval`. */
  readonly keepaliveIntervalMs?: number | undefined
  /** How long it waits for it. etcd's `--grpc-keepalive-timeout`. */
  readonly keepaliveTimeoutMs?: number | undefined
  /**
   * A client that asks us more often than this is sent away. etcd's `--grpc-keepalive-min-time`.
   * Undefined: it may.
   */
  readonly keepaliveMinTimeMs?: number | undefined
  /** Whether the common name of a client's certificate is its user. Default: it is. */
  readonly certificatesNameUsers?: boolean | undefined
  readonly observer?: CallObserver | undefined
}

export interface GrpcServer {
  /**
   * Serves a connection that speaks HTTP/2 from its first byte on: a socket, or a TLS socket whose
   * handshake is done. What was read of it is put back with `unshift`.
   */
  inject(socket: Duplex): void
  /** Refuses new calls, waits for those under way, and after `graceMs` ends them. */
  close(graceMs: number): Promise<void>
}

/** The services over gRPC, on connections that somebody else accepts. */
export function serveGrpc(services: readonly Service[], options: GrpcServerOptions): GrpcServer {
  return new InjectedGrpcServer(services, options)
}

const KEEPALIVE_TIMEOUT_MS = 20_000

class InjectedGrpcServer implements GrpcServer {
  readonly #options: GrpcServerOptions
  readonly #serveOptions: ServeOptions
  readonly #routes: Routes
  /** Clients repeat themselves: what a head asks for is kept as long as the head is. */
  readonly #plans = new WeakMap<RequestHead, CallPlan>()
  readonly #openStreams: CallContext['openStreams'] = new Set()
  readonly #connections = new Set<ServerConnection>()
  #isClosed = false
  #onEmpty: (() => void) | undefined

  constructor(services: readonly Service[], options: GrpcServerOptions) {
    this.#options = options
    this.#routes = routesOf(services)
    const { clock, limits, keepaliveIntervalMs, keepaliveTimeoutMs, keepaliveMinTimeMs } = options
    this.#serveOptions = {
      clock,
      limits: { concurrentStreamsMax: limits.concurrentStreamsMax },
      keepAlive: keepaliveIntervalMs
        ? {
            intervalMs: keepaliveIntervalMs,
            timeoutMs: keepaliveTimeoutMs || KEEPALIVE_TIMEOUT_MS,
          }
        : undefined,
      pingMinIntervalMs: keepaliveMinTimeMs || undefined,
    }
  }

  inject(socket: Duplex): void {
    if (this.#isClosed) {
      socket.destroy()
      return
    }
    const { certificatesNameUsers, observer = {}, limits, clock } = this.#options
    const commonName = certificatesNameUsers === false ? undefined : commonNameOf(socket)
    const context = { clock, commonName, observer, limits, openStreams: this.#openStreams }
    const connection = serveHttp2(socket, this.#serveOptions, (stream, head) =>
      this.#open(stream, head, context),
    )
    this.#connections.add(connection)
    socket.once('close', () => {
      this.#connections.delete(connection)
      if (this.#connections.size === 0) this.#onEmpty?.()
    })
  }

  #open(stream: ServerStream, head: RequestHead, context: CallContext): StreamReceiver {
    let plan = this.#plans.get(head)
    if (plan === undefined) {
      plan = planOf(head, this.#routes)
      this.#plans.set(head, plan)
    }
    if ('refusal' in plan) {
      refuse(stream, plan.refusal, plan.httpStatus, plan.acceptsEncodings)
      return NOBODY
    }
    const { route, encoding, timeoutMs } = plan
    return callOf({ route, head, stream, context, encoding, timeoutMs })
  }

  async close(graceMs: number): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#connections.size === 0) return
    const closed = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    const timer = this.#options.clock.setTimer(graceMs, () => {
      for (const connection of [...this.#connections]) connection.socket.destroy()
    })
    // Streams would never end of themselves.
    for (const stream of [...this.#openStreams]) stream.end(new StoreError({ code: 'Closed' }))
    for (const connection of [...this.#connections]) connection.close()
    await closed
    timer.cancel()
  }
}

function routesOf(services: readonly Service[]): Routes {
  const byPath = new Map<string, Route>()
  for (const service of services) {
    for (const method of service.methods) byPath.set(pathOf(service, method), { service, method })
  }
  return { byPath, serviceNames: new Set(services.map(({ name }) => name)) }
}

/** A call looks after itself from here on. */
function callOf(opened: Opened): StreamReceiver {
  const { kind } = opened.route.method
  if (kind === 'unary') return new UnaryCall(opened as never)
  if (kind === 'bidi') return new BidiCall(opened as never)
  return new ServerStreamCall(opened as never)
}

/** Hears the rest of a request that was refused. */
const NOBODY: StreamReceiver = { data() {}, end() {}, closed() {} }

/** Undefined without a certificate, or with one that nobody verified. */
function commonNameOf(socket: Duplex): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const name: unknown = socket.getPeerCertificate().subject?.CN
  return typeof name === 'string' && name !== '' ? name : undefined
}
