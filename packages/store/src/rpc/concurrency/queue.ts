import { type Key, prefixRange } from '../../client/key-range.js'
import type {
  Header,
  KeyValue,
  LeaseId,
  ResponseOp,
  WatchOptions,
} from '../../client/store-client.js'
import { SubscriptionStream } from '../../client/subscription-stream.js'
import { silentLedger } from '../../ledger.js'
import type { Caller, EtcdServer } from '../etcd-server.js'
import { StatusError } from '../status.js'

/**
 * Locks and elections are queues under a prefix: a key a lease, and whose key was created first
 * holds the lock, or leads. Each waits for the key that was created just before its own, so that
 * a departure wakes one and not all.
 *
 * Source: etcd, client/v3/concurrency.
 */

/** Of a session whose caller brought no lease. */
const SESSION_TTL_SECONDS = 60
/** Batches of one key that may wait for us; beyond it they come from history. */
const QUEUED_BATCHES_MAX = 16

export interface Place {
  readonly key: Key
  /** The key's create revision. */
  readonly revision: number
  readonly header: Header
  /** The key as it was, when this lease stood in the queue already. */
  readonly existing: KeyValue | undefined
  /** Nobody stands before. */
  readonly isFirst: boolean
}

export async function sessionLease(
  server: EtcdServer,
  lease: LeaseId,
  caller: Caller,
): Promise<LeaseId> {
  if (lease !== 0n) return lease
  return (await server.leaseGrant({ ttlSeconds: SESSION_TTL_SECONDS }, caller)).id
}

/** Takes a place at the queue's end, or finds the one that this lease has. */
export async function enqueue(
  server: EtcdServer,
  prefix: Key,
  entry: { readonly lease: LeaseId; readonly value: Uint8Array },
  caller: Caller,
): Promise<Place> {
  const { lease, value } = entry
  const key = prefix + lease.toString(16)
  const first = { type: 'range', ...firstOf(prefix) } as const
  const { header, succeeded, responses } = await server.txn(
    {
      compare: [{ key, target: 'create', op: '=', operand: 0 }],
      success: [{ type: 'put', key, value, lease }, first],
      failure: [{ type: 'range', key }, first],
    },
    caller,
  )
  const existing = succeeded ? undefined : kvsOf(responses[0])[0]
  const revision = existing?.createRevision ?? header.revision
  const isFirst = kvsOf(responses[1])[0]?.createRevision === revision
  return { key, revision, header, existing, isFirst }
}

const kvsOf = (response: ResponseOp | undefined): readonly KeyValue[] =>
  response?.type === 'range' ? response.kvs : []

/** The request for whoever is first. */
export const firstOf = (prefix: Key) =>
  ({ ...prefixRange(prefix), sortTarget: 'create', sortOrder: 'ascend', limit: 1 }) as const

/** Waits until everybody who came before `revision` has gone. Rejects when the caller goes. */
export async function untilFirst(
  server: EtcdServer,
  prefix: Key,
  revision: number,
  caller: Caller,
): Promise<void> {
  for (;;) {
    const { header, kvs } = await server.range(
      {
        ...prefixRange(prefix),
        sortTarget: 'create',
        sortOrder: 'descend',
        limit: 1,
        maxCreateRevision: revision - 1,
      },
      caller,
    )
    const [predecessor] = kvs
    if (predecessor === undefined) return
    await untilDeleted(server, predecessor.key, header.revision, caller)
  }
}

async function untilDeleted(
  server: EtcdServer,
  key: Key,
  startRevision: number,
  caller: Caller,
): Promise<void> {
  for await (const item of watchOf(server, { key }, { startRevision }, caller)) {
    if ('compactRevision' in item) break
    if (item.events.some(({ type }) => type === 'delete')) return
  }
  throw new StatusError('Unknown', 'lost watcher waiting for delete')
}

/** A watch by a service itself, until its caller goes. */
export const watchOf = (
  server: EtcdServer,
  range: { readonly key: Key; readonly rangeEnd?: Key },
  options: WatchOptions,
  caller: Caller,
): SubscriptionStream =>
  new SubscriptionStream(
    {
      subscribe: (of, observer, watchOptions = {}) =>
        server.subscribe(of, observer, watchOptions, caller),
    },
    range,
    { ...options, signal: caller.signal },
    { ledger: silentLedger, queueBatchesMax: QUEUED_BATCHES_MAX },
  )

/** Whoever tidies up after a caller that has gone is that caller still, but is not gone. */
export const stayingOn = ({ token, commonName }: Caller): Caller => ({ token, commonName })
