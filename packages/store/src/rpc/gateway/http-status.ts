import { STATUS_CODES } from 'node:http'
import type { GrpcCode } from '../../errors.js'
import { grpcNumberOf, type Status } from '../status.js'

/** Source: grpc-gateway 1, HTTPStatusFromCode. */
const HTTP_STATUS: Readonly<Record<GrpcCode, number>> = {
  InvalidArgument: 400,
  DeadlineExceeded: 504,
  NotFound: 404,
  AlreadyExists: 409,
  PermissionDenied: 403,
  ResourceExhausted: 429,
  FailedPrecondition: 412,
  OutOfRange: 400,
  Unimplemented: 501,
  Internal: 500,
  Unavailable: 503,
  DataLoss: 500,
  Unauthenticated: 401,
  Canceled: 408,
  Unknown: 500,
}

export const httpStatusOf = ({ code }: Status): number => HTTP_STATUS[code]

/** What is answered instead of a response; `message` is all that a later etcd's answer has. */
export const errorBody = ({ code, text }: Status) => ({
  error: text,
  message: text,
  code: grpcNumberOf(code),
})

/** What ends a stream that has begun. */
export const streamErrorBody = (status: Status) => ({
  error: {
    grpc_code: grpcNumberOf(status.code),
    http_code: httpStatusOf(status),
    message: status.text,
    http_status: STATUS_CODES[httpStatusOf(status)] ?? '',
  },
})
