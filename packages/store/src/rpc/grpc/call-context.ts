import type { Clock } from '../../clock.js'
import type { CallObserver } from '../call-observer.js'
import type { RpcLimits } from '../limits.js'
import type { Method, Service } from '../service.js'
import { isRefusal, type Status, statusOf } from '../status.js'

/** A method as a call finds it. */
export interface Route<M extends Method = Method> {
  readonly service: Service
  readonly method: M
}

/** What the calls of one connection have in common. */
export interface CallContext {
  readonly clock: Clock
  readonly commonName: string | undefined
  readonly limits: RpcLimits
  readonly observer: CallObserver
  /** Those that end only when somebody ends them. */
  readonly openStreams: Set<{ end(error?: unknown): void }>
}

/** The status of a failed call; a bug is reported. */
export function failureOf(error: unknown, { service, method }: Route, observer: CallObserver) {
  if (!isRefusal(error)) observer.failed?.(service, method, error)
  return statusOf(error)
}

export const NO_REQUEST: Status = {
  code: 'Internal',
  text: 'grpc: the call ended before its request',
}

export const DEADLINE_EXCEEDED: Status = {
  code: 'DeadlineExceeded',
  text: 'context deadline exceeded',
}
