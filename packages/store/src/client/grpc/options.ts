import type { Clock } from '../../clock.js'
import type { Ledger } from '../../ledger.js'
import type { Log } from '../../log.js'
import type { Random } from '../../random.js'

/** PEM texts. */
export interface GrpcTlsOptions {
  /** Whom to believe; default: the system's authorities. */
  readonly ca?: string | Uint8Array | undefined
  /** What this client shows, for a server that asks for it; both or neither. */
  readonly cert?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
  /** The name that the server's certificate must have, when it isn't the endpoint's host. */
  readonly serverName?: string | undefined
}

export interface GrpcStoreOptions {
  /** `http://host:port`, `https://host:port` or `host:port` of some members of one cluster. */
  readonly endpoints: readonly string[]
  readonly clock: Clock
  /** Which endpoint is asked first; default: the first one. */
  readonly random?: Random | undefined
  readonly tls?: GrpcTlsOptions | undefined
  readonly auth?: { readonly user: string; readonly password: string } | undefined
  readonly limits?: Partial<GrpcLimits> | undefined
  /**
   * Counts batches that wait in paused watches and unread streams, and watches that have not heard
   * yet of what this client has written. Default: nobody counts.
   */
  readonly ledger?: Ledger | undefined
  /** Hears when the watches' connection breaks and when it is there again. Default: silent. */
  readonly log?: Log | undefined
}

/** The client's bounds. */
export interface GrpcLimits {
  /** From a request's first attempt to its failure, all attempts included. */
  readonly requestTimeoutMs: number
  /** The same for a compaction that waits until the space is free. */
  readonly compactTimeoutMs: number
  /** Before a failed read or a broken stream is tried again; doubled with each failure. */
  readonly retryMinMs: number
  readonly retryMaxMs: number
  /** How often an idle connection is asked whether it lives, and how long it may think. */
  readonly keepAliveIntervalMs: number
  readonly keepAliveTimeoutMs: number
  /** Batches, and bytes of them, that wait in a paused watch before it is served from history. */
  readonly watchQueueBatchesMax: number
  readonly watchQueueBytesMax: number
  /** How often progress is asked for again, of a server that has not caught up. */
  readonly progressRetryMs: number
}

/** etcd refuses clients that ping more often than every five seconds. */
export const defaultGrpcLimits: GrpcLimits = {
  requestTimeoutMs: 5000,
  compactTimeoutMs: 60_000,
  retryMinMs: 25,
  retryMaxMs: 1000,
  keepAliveIntervalMs: 10_000,
  keepAliveTimeoutMs: 5000,
  watchQueueBatchesMax: 1024,
  watchQueueBytesMax: 4 * 1024 * 1024,
  progressRetryMs: 100,
}
