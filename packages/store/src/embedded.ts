import type { StoreClient } from './client/store-client.js'
import type { Clock } from './clock.js'
import type { Ledger } from './ledger.js'
import type { StoreLimits } from './limits.js'

export interface EmbeddedStoreOptions {
  readonly clock: Clock
  /** Counts work under way; default: nobody counts. */
  readonly ledger?: Ledger | undefined
  readonly limits?: Partial<StoreLimits> | undefined
}

export interface EmbeddedStore extends AsyncDisposable {
  readonly client: StoreClient
  /** Ends all watches as `closed` and stops all timers; further requests reject with `Closed`. */
  close(): Promise<void>
}

/** Opens a store of one member that keeps everything in memory. */
export function openEmbeddedStore(_options: EmbeddedStoreOptions): EmbeddedStore {
  throw new Error('not yet')
}
