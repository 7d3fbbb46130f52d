import { type ServiceError, status } from '@grpc/grpc-js'
import { type EtcdErrorCode, etcdText, StoreError, type StoreErrorDetail } from '../../errors.js'

/** etcd's errors as they come over gRPC, told apart by their texts, as etcd's own clients do. */

const codeOfText = new Map(
  Object.entries(etcdText).map(([code, text]) => [text, code as EtcdErrorCode]),
)

/** What the refused request asked for and what this client has heard, which etcd doesn't say. */
export interface ErrorContext {
  readonly requestedRevision: number
  /** -1: not known. */
  readonly compactRevision: number
  readonly currentRevision: number
}

const NO_CONTEXT: ErrorContext = { requestedRevision: 0, compactRevision: -1, currentRevision: -1 }

/** The store's error behind a gRPC status. */
export function storeErrorOf(error: ServiceError, context = NO_CONTEXT): StoreError {
  return new StoreError(detailOf(error, context), { cause: error })
}

function detailOf({ code, details }: ServiceError, context: ErrorContext): StoreErrorDetail {
  const known = codeOfText.get(details)
  if (known !== undefined) return etcdDetail(known, context)
  switch (code) {
    case status.RESOURCE_EXHAUSTED:
      // The server's gRPC refuses what its etcd would have refused: the bound is the same flag's.
      if (details.includes('larger than max')) return { code: 'RequestTooLarge' }
      break
    case status.INVALID_ARGUMENT:
      return { code: 'InvalidArgument', problem: details.replace(/^etcdserver: /, '') }
    case status.UNAVAILABLE:
      return { code: 'Unavailable', problem: details.replace(/\. Resolution note: .*$/s, '') }
    case status.DEADLINE_EXCEEDED:
      return { code: 'DeadlineExceeded', problem: details }
  }
  return { code: 'Unknown', problem: `${status[code]}: ${details}` }
}

function etcdDetail(code: EtcdErrorCode, context: ErrorContext): StoreErrorDetail {
  const { requestedRevision, compactRevision, currentRevision } = context
  if (code === 'Compacted') return { code, requestedRevision, compactRevision }
  if (code === 'FutureRevision') return { code, requestedRevision, currentRevision }
  return { code }
}

/** An error by its text alone, as a cancelled watch gives it: some are written as Go prints them. */
export function errorOfReason(reason: string): StoreError {
  const text = reason.replace(/^rpc error: code = \w+ desc = /, '')
  const code = codeOfText.get(text)
  if (code !== undefined) return new StoreError(etcdDetail(code, NO_CONTEXT))
  return new StoreError({ code: 'Unknown', problem: text })
}

/** Whether another try, at another member perhaps, may fare better. */
export const isUnavailable = (error: ServiceError): boolean => error.code === status.UNAVAILABLE

const NOT_SENT = /^(No connection established|Name resolution failed|Stream refused by server)/

/**
 * Whether the request certainly did nothing, because it never reached a server's application.
 * Source: etcd, client/v3/retry.go; RFC 9113 §8.7 (a refused stream was not processed).
 */
export const wasNotSent = (error: ServiceError): boolean =>
  error.code === status.UNAVAILABLE && NOT_SENT.test(error.details)

const TOKEN_TROUBLE: ReadonlySet<string> = new Set([
  etcdText.InvalidAuthToken,
  etcdText.AuthOldRevision,
  etcdText.UserEmpty,
])

/** Whether the token is to blame: it has expired, or the member has never heard of it. */
export const isTokenTrouble = (error: ServiceError): boolean => TOKEN_TROUBLE.has(error.details)
