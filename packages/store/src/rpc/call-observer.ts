import type { GrpcCode } from '../errors.js'
import type { Method, Service } from './service.js'

/** Who counts calls, for metrics and logs. Called on the hot path: must be quick, never throws. */
export interface CallObserver {
  started?(service: Service, method: Method): void
  /** Bytes of one message, without framing. */
  received?(bytes: number): void
  sent?(bytes: number): void
  handled?(service: Service, method: Method, code: GrpcCode | 'OK'): void
  /** A handler failed with what is no refusal: a bug, answered as `Unknown`. */
  failed?(service: Service, method: Method, error: unknown): void
}
