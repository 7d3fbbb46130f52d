import type { StoreClient } from './client/store-client.js'
import type { Clock, YieldTurn } from './clock.js'
import type { Ledger } from './ledger.js'
import type { StoreLimits } from './limits.js'
import type { Log } from './log.js'
import { noPeers } from './peer/no-peers.js'
import type { Random } from './random.js'

export interface DurableStoreOptions {
  /** Made if it is missing. One process at a time has it. */
  readonly dataDir: string
  readonly clock: Clock
  readonly random: Random
  readonly ledger?: Ledger | undefined
  readonly log?: Log | undefined
  readonly limits?: Partial<StoreLimits> | undefined
  readonly yieldTurn?: YieldTurn | undefined
}

export interface DurableStore extends AsyncDisposable {
  readonly client: StoreClient
  /** Finishes what is being written, and lets another process have the folder. */
  close(): Promise<void>
}

const NAME = 'default'

/**
 * Opens a store in this process that outlives it: a member of a cluster of its own, which speaks to
 * nobody. What is acknowledged is on the disk. The folder is a data directory like any other: the
 * program `etcd --data-dir` opens it too.
 *
 * Errors: a `DiskError` or `WalError` that names the file and says what to do.
 */
export async function openDurableStore(options: DurableStoreOptions): Promise<DurableStore> {
  // Loaded by those alone who need it: a store in memory starts without.
  const [{ openMember }, { openNodeDisk }, { bootstrapCluster }] = await Promise.all([
    import('./node/member.js'),
    import('./disk/node-disk.js'),
    import('./membership/bootstrap.js'),
  ])
  const peerUrls = ['http://localhost:2380']
  const member = await openMember({
    name: NAME,
    clientUrls: [],
    bootstrap: async () => ({
      ...(await bootstrapCluster({
        initialCluster: new Map([[NAME, peerUrls]]),
        state: 'new',
        token: 'etcd-cluster',
        ourName: NAME,
        ourPeerUrls: peerUrls,
        fetchMembers: async () => undefined,
      })),
      isNewCluster: true,
    }),
    openTransport: () => noPeers,
    ...options,
    disk: openNodeDisk(options.dataDir),
  })
  const close = () => member.close()
  return { client: member.client, close, [Symbol.asyncDispose]: close }
}
