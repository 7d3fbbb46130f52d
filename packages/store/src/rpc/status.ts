import { type GrpcCode, grpcCodeOf, StoreError } from '../errors.js'
import { MalformedMessage } from '../wire/message.js'

/** gRPC's numbers. Source: gRPC, status codes. */
const NUMBERS: Readonly<Record<GrpcCode | 'OK', number>> = {
  OK: 0,
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
}

export const grpcNumberOf = (code: GrpcCode | 'OK'): number => NUMBERS[code]

/** How a call that failed ends. */
export interface Status {
  readonly code: GrpcCode
  readonly text: string
}

/** A refusal by a service that is no error of the store's. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: GrpcCode

  constructor(code: GrpcCode, text: string) {
    super(text)
    this.code = code
  }
}

/** Whether somebody meant to end the call so. Anything else is a bug. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof StoreError ||
  error instanceof StatusError ||
  error instanceof MalformedMessage ||
  isAbort(error)

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

/** Every error has a status: one that nobody expected is `Unknown` with its own text. */
export function statusOf(error: unknown): Status {
  if (error instanceof StoreError) return { code: grpcCodeOf(error.code), text: error.message }
  if (error instanceof StatusError) return { code: error.code, text: error.message }
  if (error instanceof MalformedMessage) {
    return { code: 'Internal', text: `grpc: error unmarshalling request: ${error.message}` }
  }
  if (isAbort(error)) return { code: 'Canceled', text: 'context canceled' }
  return { code: 'Unknown', text: error instanceof Error ? error.message : String(error) }
}

/** As etcd's own code writes a status within a text. */
export const statusText = ({ code, text }: Status): string =>
  `rpc error: code = ${code} desc = ${text}`
