import { silentLedger } from '../../ledger.js'
import { silentLog } from '../../log.js'
import type { StoreClient } from '../store-client.js'
import { Endpoints } from './endpoints.js'
import { GrpcClient } from './grpc-client.js'
import { defaultGrpcLimits, type GrpcStoreOptions } from './options.js'

export interface GrpcStore extends AsyncDisposable {
  readonly client: StoreClient
  /** Ends all watches as `closed` and all connections; further requests reject with `Closed`. */
  close(): Promise<void>
}

/**
 * A store behind a network: a cluster of ours or a real etcd. Returns at once; connections are made
 * when they are needed and again when they break.
 *
 * Bounds: a request waits for at most `limits.requestTimeoutMs`. A watch is taken up again after
 * each break, for as long as it takes, from the last revision that it received.
 * Errors: a TypeError for endpoints that are none.
 */
export function connectStore(options: GrpcStoreOptions): GrpcStore {
  const limits = { ...defaultGrpcLimits, ...options.limits }
  const { clock, auth, tls, random, ledger = silentLedger, log = silentLog } = options
  const endpoints = new Endpoints({ endpoints: options.endpoints, tls, random, limits })
  const client = new GrpcClient({ endpoints, clock, limits, ledger, auth, log })
  const close = async (): Promise<void> => {
    client.close()
    endpoints.close()
  }
  return { client, close, [Symbol.asyncDispose]: close }
}
