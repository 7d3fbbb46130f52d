import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type sendUnaryData,
  type status,
} from '@grpc/grpc-js'
import { AuthenticateRequest, AuthenticateResponse } from '../../wire/auth.js'
import { PutRequest, PutResponse, RangeRequest, RangeResponse } from '../../wire/kv.js'
import { StatusRequest, StatusResponse } from '../../wire/maintenance.js'
import type { Decoded, MessageType } from '../../wire/message.js'
import { WatchRequest, WatchResponse } from '../../wire/watch.js'

/** An error as etcd sends it. */
export class Refusal extends Error {
  readonly code: status
  readonly details: string

  constructor(code: status, details: string) {
    super(details)
    this.code = code
    this.details = details
  }
}

type Init<M> = M extends MessageType<infer _, infer I> ? I : never
type Answer<Q, A> = (request: Decoded<Q>, metadata: Metadata) => Init<A> | Promise<Init<A>>
/** One watch stream, from the server's side. */
export type FakeStream = ServerDuplexStream<
  Decoded<typeof WatchRequest>,
  Init<typeof WatchResponse>
>

/** What the fake does; what is missing is refused. */
export interface FakeBehaviour {
  range?: Answer<typeof RangeRequest, typeof RangeResponse>
  put?: Answer<typeof PutRequest, typeof PutResponse>
  authenticate?: Answer<typeof AuthenticateRequest, typeof AuthenticateResponse>
  version?: string
  watch?: (stream: FakeStream) => void
}

/** A server that says what a test wants said, which no real one can be brought to. */
export class FakeEtcd implements AsyncDisposable {
  readonly url: string
  readonly #server: Server

  private constructor(server: Server, port: number) {
    this.#server = server
    this.url = `http://127.0.0.1:${port}`
  }

  static async start(behaviour: FakeBehaviour): Promise<FakeEtcd> {
    const server = new Server()
    const { range, put, authenticate, version = '3.6.0', watch } = behaviour
    add(server, 'KV/Range', RangeRequest, RangeResponse, range)
    add(server, 'KV/Put', PutRequest, PutResponse, put)
    add(server, 'Auth/Authenticate', AuthenticateRequest, AuthenticateResponse, authenticate)
    add(server, 'Maintenance/Status', StatusRequest, StatusResponse, () => ({ version }))
    if (watch !== undefined) {
      const definition = { ...codecs('Watch/Watch', WatchRequest, WatchResponse), ...BOTH_WAYS }
      server.addService({ watch: definition } as never, { watch } as never)
    }
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      )
    })
    return new FakeEtcd(server, port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown()
  }
}

const BOTH_WAYS = { requestStream: true, responseStream: true }

const codecs = <Q, A>(path: string, request: MessageType<Q>, response: MessageType<A, never>) => ({
  path: `/etcdserverpb.${path}`,
  requestStream: false,
  responseStream: false,
  requestDeserialize: (bytes: Buffer) => request.decode(bytes),
  requestSerialize: (value: Q) => Buffer.from(request.encode(value)),
  responseSerialize: (value: never) => Buffer.from(response.encode(value)),
  responseDeserialize: (bytes: Buffer) => response.decode(bytes),
})

function add<Q, A, I>(
  server: Server,
  path: string,
  request: MessageType<Q, never>,
  response: MessageType<A, I>,
  answer: ((request: Q, metadata: Metadata) => I | Promise<I>) | undefined,
): void {
  if (answer === undefined) return
  const handle = async (
    { request, metadata }: { request: Q; metadata: Metadata },
    reply: sendUnaryData<I>,
  ) => {
    try {
      reply(null, await answer(request, metadata))
    } catch (error) {
      reply(error as Refusal)
    }
  }
  const definition = codecs(path, request as never, response as never)
  server.addService({ [path]: definition } as never, { [path]: handle } as never)
}
