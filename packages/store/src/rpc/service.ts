import type { MessageType } from '../wire/message.js'
import type { Caller } from './etcd-server.js'

/**
 * What a service is, whatever carries it: names, message types and handlers. Transports (gRPC, the
 * JSON gateway) find everything they need here and know no method by name.
 */

export interface RpcCaller extends Caller {
  /** Metadata `hasleader: true`: rather fail than be served by a member without a leader. */
  readonly requiresLeader?: boolean | undefined
}

type AnyMessage = MessageType<unknown, unknown>

export interface UnaryMethod {
  readonly kind: 'unary'
  readonly name: string
  readonly request: AnyMessage
  readonly response: AnyMessage
  /** A faster way to what `response.encode` answers. */
  readonly encode?: ((response: never) => Uint8Array) | undefined
  /** Rejects with a `StoreError` or a `StatusError`; anything else is a bug. */
  handle(request: unknown, caller: RpcCaller): Promise<unknown>
}

/** The transport asks for the next response when the one before has gone out. */
export interface ServerStreamMethod {
  readonly kind: 'serverStream'
  readonly name: string
  readonly request: AnyMessage
  readonly response: AnyMessage
  /** Leaving the loop ends the work; so does `caller.signal`. */
  handle(request: unknown, caller: RpcCaller): AsyncIterable<unknown>
}

export interface BidiMethod {
  readonly kind: 'bidi'
  readonly name: string
  readonly request: AnyMessage
  readonly response: AnyMessage
  open(stream: ResponseStream<unknown>): RequestReceiver<unknown>
}

export type Method = UnaryMethod | ServerStreamMethod | BidiMethod

/** The sending half of a call in both directions. */
export interface ResponseStream<Response> {
  readonly caller: RpcCaller
  /** The client reads slower than is sent: send no more than must be until `drain()`. */
  readonly isCongested: boolean
  send(response: Response): void
  /** A response that is encoded already; nobody writes to the bytes afterwards. */
  sendEncoded(bytes: Uint8Array): void
  /** Ends the call, with OK or with what the error says. What was sent before is delivered. */
  end(error?: unknown): void
}

/** The receiving half. */
export interface RequestReceiver<Request> {
  /** The next request is read when the promise has resolved; a rejection ends the call. */
  receive(request: Request): void | Promise<void>
  /** The client sends no more. */
  halfClose(): void
  /** What congested the stream has gone out. */
  drain?(): void
  /** The call is over, whoever ended it. Exactly once, and nothing is called after it. */
  close(): void
}

export interface Service {
  /** With its package: `etcdserverpb.KV`. */
  readonly name: string
  readonly methods: readonly Method[]
}

/** gRPC's name of a method: `/etcdserverpb.KV/Put`. */
export const pathOf = (service: Service, method: Method): string =>
  `/${service.name}/${method.name}`

export function unary<Q, R, Init>(
  name: string,
  request: MessageType<Q, never>,
  response: MessageType<R, Init>,
  handle: (request: Q, caller: RpcCaller) => Promise<Init>,
  encode?: (response: R) => Uint8Array,
): UnaryMethod
export function unary(
  name: string,
  request: unknown,
  response: unknown,
  handle: unknown,
  encode?: unknown,
): UnaryMethod {
  return { kind: 'unary', name, request, response, handle, encode } as UnaryMethod
}

export function serverStream<Q, R, Init>(
  name: string,
  request: MessageType<Q, never>,
  response: MessageType<R, Init>,
  handle: (request: Q, caller: RpcCaller) => AsyncIterable<Init>,
): ServerStreamMethod
export function serverStream(
  name: string,
  request: unknown,
  response: unknown,
  handle: unknown,
): ServerStreamMethod {
  return { kind: 'serverStream', name, request, response, handle } as ServerStreamMethod
}

export function bidi<Q, R, Init>(
  name: string,
  request: MessageType<Q, never>,
  response: MessageType<R, Init>,
  open: (stream: ResponseStream<Init>) => RequestReceiver<Q>,
): BidiMethod
export function bidi(name: string, request: unknown, response: unknown, open: unknown): BidiMethod {
  return { kind: 'bidi', name, request, response, open } as BidiMethod
}
