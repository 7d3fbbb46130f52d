import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import {
  type ConnectionInjector,
  experimental,
  Server,
  ServerCredentials,
  type ServerInterceptingCall,
  type ServerInterceptor,
} from '@grpc/grpc-js'
import type { Clock } from '../../clock.js'
import { StoreError } from '../../errors.js'
import type { CallObserver } from '../call-observer.js'
import type { RpcLimits } from '../limits.js'
import { type Method, pathOf, type Service } from '../service.js'
import { type Call, type CallContext, inGoWords, type Route, sendStatus } from './call-context.js'
import { PingPolicy } from './ping-policy.js'
import { PromptTrailers } from './prompt-trailers.js'
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

interface User {
  readonly injector: ConnectionInjector
  connections: number
}

class InjectedGrpcServer implements GrpcServer {
  readonly #options: GrpcServerOptions
  readonly #server: Server
  readonly #routes = new Map<string, Route>()
  /**
   * By the common name of the client certificate, '' without one. grpc-js hides the connection from
   * its calls, but an interceptor belongs to an injector: so it knows whose calls it gets.
   */
  readonly #users = new Map<string, User>()
  readonly #pings: PingPolicy | undefined
  readonly #trailers = new PromptTrailers()
  readonly #openStreams: CallContext['openStreams'] = new Set()
  readonly #serviceNames: ReadonlySet<string>
  #isClosed = false

  constructor(services: readonly Service[], options: GrpcServerOptions) {
    this.#options = options
    this.#serviceNames = new Set(services.map(({ name }) => name))
    const { limits, clock, keepaliveMinTimeMs } = options
    this.#pings = keepaliveMinTimeMs ? new PingPolicy(clock, keepaliveMinTimeMs) : undefined
    this.#server = new Server({
      'grpc.enable_channelz': 0,
      'grpc.max_receive_message_length': limits.requestBytesMax + limits.requestOverheadBytes,
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': limits.concurrentStreamsMax,
      ...(options.keepaliveIntervalMs && { 'grpc.keepalive_time_ms': options.keepaliveIntervalMs }),
      ...(options.keepaliveTimeoutMs && {
        'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs,
      }),
    })
    for (const service of services) for (const method of service.methods) this.#add(service, method)
    routeUnknownMethods(this.#server)
  }

  #add(service: Service, method: Method): void {
    const path = pathOf(service, method)
    this.#routes.set(path, { service, method })
    // Never called: the interceptor takes every call over. Messages pass as bytes.
    this.#server.register(path, () => {}, asBytes, asBytes, TYPES[method.kind])
  }

  inject(socket: Duplex): void {
    if (this.#isClosed) {
      socket.destroy()
      return
    }
    const name = this.#options.certificatesNameUsers === false ? '' : commonNameOf(socket)
    const user = this.#userOf(name)
    user.connections++
    socket.once('close', () => this.#left(name, user))
    user.injector.injectConnection(socket)
  }

  #userOf(name: string): User {
    let user = this.#users.get(name)
    if (user === undefined) {
      const credentials = experimental.createServerCredentialsWithInterceptors(
        ServerCredentials.createInsecure(),
        [this.#interceptorFor(name === '' ? undefined : name)],
      )
      user = { injector: this.#server.createConnectionInjector(credentials), connections: 0 }
      this.#users.set(name, user)
    }
    return user
  }

  #left(name: string, user: User): void {
    user.connections--
    if (user.connections > 0 || this.#users.get(name) !== user) return
    this.#users.delete(name)
    user.injector.destroy()
  }

  #interceptorFor(commonName: string | undefined): ServerInterceptor {
    const { observer = {}, limits } = this.#options
    const [pings, trailers, openStreams] = [this.#pings, this.#trailers, this.#openStreams]
    const context = { commonName, observer, limits, pings, trailers, openStreams }
    return ({ path }, call) => {
      const route = this.#routes.get(path)
      if (route === undefined) this.#refuse(path, call)
      else startCall(route, inGoWords(call), context)
      return TAKEN_OVER
    }
  }

  /** In the words of gRPC's Go implementation, which is what etcd's clients know. */
  #refuse(path: string, call: Call): void {
    const [, service = '', method = ''] = /^\/(.*)\/([^/]*)$/.exec(path) ?? []
    const text = this.#serviceNames.has(service)
      ? `unknown method ${method} for service ${service}`
      : `unknown service ${service}`
    sendStatus(call, { code: 'Unimplemented', text })
  }

  async close(graceMs: number): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const closed = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()))
    const timer = this.#options.clock.setTimer(graceMs, () => this.#server.forceShutdown())
    // Streams would never end of themselves.
    for (const stream of [...this.#openStreams]) stream.end(new StoreError({ code: 'Closed' }))
    await closed
    timer.cancel()
  }
}

const asBytes = (bytes: Buffer): Buffer => bytes

const TYPES = { unary: 'unary', serverStream: 'serverStream', bidi: 'bidi' } as const

/** A call looks after itself from here on. */
function startCall({ service, method }: Route, call: Call, context: CallContext): void {
  if (method.kind === 'unary') new UnaryCall({ service, method }, call, context).start()
  else if (method.kind === 'bidi') new BidiCall({ service, method }, call, context).start()
  else new ServerStreamCall({ service, method }, call, context).start()
}

/** What grpc-js's own handling of a call gets to see of it: nothing ever happens. */
const TAKEN_OVER = { start() {} } as unknown as ServerInterceptingCall

/** Lets calls of methods that don't exist reach the interceptor: grpc-js has no public way to. */
function routeUnknownMethods(server: Server): void {
  const lookup = server as unknown as { _retrieveHandler(path: string): unknown }
  const retrieve = lookup._retrieveHandler.bind(server)
  lookup._retrieveHandler = (path) =>
    retrieve(path) ?? { path, type: 'unary', func() {}, serialize: asBytes, deserialize: asBytes }
}

/** '' without a certificate, or with one that nobody verified. */
function commonNameOf(socket: Duplex): string {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return ''
  const name: unknown = socket.getPeerCertificate().subject?.CN
  return typeof name === 'string' ? name : ''
}
