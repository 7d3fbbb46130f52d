import type { Clock, Ledger, Random } from '@miniplane/api'
import type { Log } from '@miniplane/client'
import { openDurableStore, openEmbeddedStore, type StoreClient } from '@miniplane/store'
import type { EtcdOptions } from './options.js'

export interface OpenStoreOptions {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly random: Random
  readonly log: Log
}

export interface OpenedStore {
  readonly client: StoreClient
  readonly isEmbedded: boolean
  close(): Promise<void>
}

export interface StorePlace {
  readonly etcd?: EtcdOptions | undefined
  readonly dataDir?: string | undefined
}

/** Opens the plane's store: in this process, in memory or on disk, or the one that `etcd` names. */
export async function openStore(
  { etcd, dataDir }: StorePlace,
  { clock, ledger, random, log }: OpenStoreOptions,
): Promise<OpenedStore> {
  if (etcd !== undefined && dataDir !== undefined) {
    throw new TypeError('etcd keeps the state, so there is no dataDir: give one of the two')
  }
  const below = (bound: number) => Math.floor(random.next() * bound)
  if (dataDir !== undefined) {
    const options = { dataDir, clock, ledger, random: { below } }
    const { client, close } = await openDurableStore(options)
    return { client, close, isEmbedded: true }
  }
  if (etcd === undefined) {
    const { client, close } = openEmbeddedStore({ clock, ledger })
    return { client, close, isEmbedded: true }
  }
  // Loaded by those alone who need it: gRPC takes longer to load than a plane to start.
  const { connectStore } = await import('@miniplane/store/grpc')
  const { servers, tls, auth } = etcd
  const { client, close } = connectStore({
    ...{ endpoints: servers, tls, auth, clock, ledger, log },
    random: { below },
  })
  return { client, close, isEmbedded: false }
}
