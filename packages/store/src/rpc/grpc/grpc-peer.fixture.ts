import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import { systemClock } from '../../server/system-clock.js'
import type { MessageType } from '../../wire/message.js'

type CallOptions = { readonly metadata?: Record<string, string>; readonly deadlineMs?: number }

/** How a call that failed ended. */
export interface Ended {
  readonly code: number
  readonly details: string
}

/** gRPC by hand: any path, any bytes. */
export class GrpcPeer implements Disposable {
  readonly client: Client

  constructor(address: string) {
    this.client = new Client(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': -1,
    })
  }

  /** Answers the response, or how the call failed. */
  async bytes(path: string, request: Buffer, options: CallOptions = {}): Promise<Buffer | Ended> {
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, response?: Buffer) => {
        if (error !== null) resolve({ code: error.code, details: error.details })
        else resolve(response ?? Buffer.alloc(0))
      }
      this.client.makeUnaryRequest(
        path,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        request,
        metadataOf(options),
        deadlineOf(options),
        done,
      )
    })
  }

  async call<Q, R>(
    path: string,
    [request, response]: readonly [MessageType<unknown, Q>, MessageType<R, never>],
    message: Q,
    options: CallOptions = {},
  ): Promise<R | Ended> {
    const answer = await this.bytes(path, request.encode(message) as Buffer, options)
    return Buffer.isBuffer(answer) ? response.decode(answer) : answer
  }

  bidi<Q, R>(
    path: string,
    [request, response]: readonly [MessageType<unknown, Q>, MessageType<R, never>],
    options: CallOptions = {},
  ): ClientDuplexStream<Q, R> {
    return this.client.makeBidiStreamRequest(
      path,
      (message: Q) => request.encode(message) as Buffer,
      (bytes: Buffer) => response.decode(bytes),
      metadataOf(options),
    )
  }

  serverStream<Q, R>(
    path: string,
    [request, response]: readonly [MessageType<unknown, Q>, MessageType<R, never>],
    message: Q,
  ): ClientReadableStream<R> {
    return this.client.makeServerStreamRequest(
      path,
      (one: Q) => request.encode(one) as Buffer,
      (bytes: Buffer) => response.decode(bytes),
      message,
    )
  }

  [Symbol.dispose](): void {
    this.client.close()
  }
}

function metadataOf({ metadata = {} }: CallOptions): Metadata {
  const all = new Metadata()
  for (const [name, value] of Object.entries(metadata)) all.set(name, value)
  return all
}

const deadlineOf = ({ deadlineMs }: CallOptions) =>
  deadlineMs === undefined ? {} : { deadline: systemClock.now() + deadlineMs }
