import type { ServerInterceptingCallInterface } from '@grpc/grpc-js'
import type { GrpcCode } from '../../errors.js'
import type { CallObserver } from '../call-observer.js'
import type { RpcLimits } from '../limits.js'
import type { Method, Service } from '../service.js'
import { grpcNumberOf, isRefusal, type Status, statusOf } from '../status.js'
import type { PingPolicy } from './ping-policy.js'
import type { PromptTrailers } from './prompt-trailers.js'

export type Call = ServerInterceptingCallInterface
/** What grpc-js tells about a call. */
export type CallListener = Parameters<Call['start']>[0]

/** A method as a call finds it. */
export interface Route<M extends Method = Method> {
  readonly service: Service
  readonly method: M
}

/** What the calls of one user have in common. */
export interface CallContext {
  readonly commonName: string | undefined
  readonly limits: RpcLimits
  readonly observer: CallObserver
  /** Undefined: clients may ping as they like. */
  readonly pings: PingPolicy | undefined
  readonly trailers: PromptTrailers
  /** Those that end only when somebody ends them. */
  readonly openStreams: Set<{ end(error?: unknown): void }>
}

type GrpcStatus = Parameters<Call['sendStatus']>[0]

/**
 * Makes grpc-js refuse too large a message in the words of gRPC's Go implementation, which etcd's
 * users know. The method shadows the class's own, to which it leads.
 */
export function inGoWords(call: Call): Call {
  call.sendStatus = sendStatusInGoWords
  return call
}

function sendStatusInGoWords(this: Call, status: GrpcStatus): void {
  const ownClass: Call = Object.getPrototypeOf(this)
  ownClass.sendStatus.call(
    this,
    status.code === TOO_MUCH ? { ...status, details: goWords(status.details) } : status,
  )
}

const TOO_MUCH = grpcNumberOf('ResourceExhausted')

const goWords = (details: string): string =>
  details.replace(TOO_LARGE, 'grpc: received message larger than max ($1 vs. $2)')

const TOO_LARGE = /^Received message larger than max \((\d+) vs (\d+)\)$/

const OK = { code: 0, details: 'OK', metadata: null }

/** The last that a call says. Answers the code. */
export function sendStatus(call: Call, { code, text }: Status): GrpcCode {
  call.sendStatus({ code: grpcNumberOf(code), details: text, metadata: null })
  return code
}

export const sendOk = (call: Call): void => call.sendStatus(OK)

/** The status of a failed call; a bug is reported. */
export function failureOf(error: unknown, { service, method }: Route, observer: CallObserver) {
  if (!isRefusal(error)) observer.failed?.(service, method, error)
  return statusOf(error)
}

export const NO_REQUEST: Status = {
  code: 'Internal',
  text: 'grpc: the call ended before its request',
}
