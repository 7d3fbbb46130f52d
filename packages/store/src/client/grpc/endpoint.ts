import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  credentials,
  type Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import type { Method } from './methods.js'
import type { GrpcLimits, GrpcTlsOptions } from './options.js'

/** A call under way. */
export interface PendingCall<Answer> {
  /** Rejects with a `ServiceError`. */
  readonly answer: Promise<Answer>
  cancel(): void
}

/** One member's address and the connection to it, which gRPC makes when it is first needed. */
export class Endpoint {
  readonly url: string
  readonly #client: Client

  constructor(url: string, tls: GrpcTlsOptions | undefined, limits: GrpcLimits) {
    this.url = url
    const { target, isSecure } = parseEndpoint(url)
    this.#client = new Client(
      target,
      isSecure ? secure(tls ?? {}) : credentials.createInsecure(),
      channelOptions(tls, limits),
    )
  }

  /** One question, one answer. */
  ask<Init, Answer>(
    method: Method<Init, Answer>,
    request: Init,
    metadata: Metadata,
  ): PendingCall<Answer> {
    if (method.isStream) return this.#exchange(method, request, metadata)
    const { promise, resolve, reject } = withResolvers<Answer>()
    const { path, encode, decode } = method
    const settle = (error: ServiceError | null, answer?: Answer): void => {
      if (error !== null) reject(error)
      else resolve(answer as Answer)
    }
    const call = this.#client.makeUnaryRequest(path, encode, decode, request, metadata, settle)
    return { answer: promise, cancel: () => call.cancel() }
  }

  /** A stream for one question and one answer. */
  #exchange<Init, Answer>(
    method: Method<Init, Answer>,
    request: Init,
    metadata: Metadata,
  ): PendingCall<Answer> {
    const { promise, resolve, reject } = withResolvers<Answer>()
    const stream = this.stream(method, metadata)
    stream.on('error', reject)
    stream.on('end', () =>
      reject(
        Object.assign(new Error('no answer'), { code: status.UNAVAILABLE, details: 'no answer' }),
      ),
    )
    stream.on('data', (answer: Answer) => {
      resolve(answer)
      stream.cancel()
    })
    stream.write(request)
    stream.end()
    return { answer: promise, cancel: () => stream.cancel() }
  }

  stream<Init, Answer>(
    { path, encode, decode }: Method<Init, Answer>,
    metadata: Metadata,
  ): ClientDuplexStream<Init, Answer> {
    return this.#client.makeBidiStreamRequest(path, encode, decode, metadata)
  }

  close(): void {
    this.#client.close()
  }
}

/** Throws a TypeError that says what an endpoint looks like. */
export function parseEndpoint(url: string): { target: string; isSecure: boolean } {
  const match = /^(?:(https?|unix|unixs):\/\/)?([^/?#]+)\/?$/.exec(url)
  const [, scheme = 'http', address = ''] = match ?? []
  if (scheme.startsWith('unix') && address !== '') {
    return { target: `unix:${address}`, isSecure: scheme === 'unixs' }
  }
  if (!/:\d+$/.test(address)) {
    throw new TypeError(`endpoint ${JSON.stringify(url)}: expected http://host:port or https://…`)
  }
  return { target: address, isSecure: scheme === 'https' }
}

function secure({ ca, cert, key }: GrpcTlsOptions): ChannelCredentials {
  const pem = (text: string | Uint8Array | undefined) =>
    text === undefined ? null : Buffer.from(text as string)
  return credentials.createSsl(pem(ca), pem(key), pem(cert))
}

const channelOptions = (
  tls: GrpcTlsOptions | undefined,
  limits: GrpcLimits,
): Partial<ChannelOptions> => ({
  'grpc.keepalive_time_ms': limits.keepAliveIntervalMs,
  'grpc.keepalive_timeout_ms': limits.keepAliveTimeoutMs,
  'grpc.initial_reconnect_backoff_ms': limits.retryMinMs,
  'grpc.min_reconnect_backoff_ms': limits.retryMinMs,
  'grpc.max_reconnect_backoff_ms': limits.retryMaxMs,
  // As etcd's own clients: an answer is as long as the question made it.
  'grpc.max_receive_message_length': -1,
  // What may be tried again is decided here, by what is known about each request.
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  // A connection belongs to its store, and goes with it.
  'grpc.use_local_subchannel_pool': 1,
  ...(tls?.serverName !== undefined && {
    'grpc.ssl_target_name_override': tls.serverName,
    'grpc.default_authority': tls.serverName,
  }),
})

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
