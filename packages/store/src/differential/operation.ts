import type { KeyRange } from '../client/key-range.js'
import type {
  DeleteRangeOptions,
  LeaseGrantRequest,
  LeaseId,
  PutRequest,
  RangeRequest,
  StoreClient,
  TxnRequest,
  WatchOptions,
} from '../client/store-client.js'

/** One thing that a client may ask of a store. */
export type Operation =
  | { readonly ask: 'range'; readonly request: RangeRequest }
  | { readonly ask: 'put'; readonly request: PutRequest }
  | { readonly ask: 'deleteRange'; readonly request: KeyRange & DeleteRangeOptions }
  | { readonly ask: 'txn'; readonly request: TxnRequest }
  | { readonly ask: 'compact'; readonly revision: number }
  | { readonly ask: 'leaseGrant'; readonly request: LeaseGrantRequest }
  | { readonly ask: 'leaseRevoke' | 'leaseKeepAlive' | 'leaseTimeToLive'; readonly id: LeaseId }
  | { readonly ask: 'leaseLeases' }
  | { readonly ask: 'watch'; readonly range: KeyRange; readonly options: WatchOptions }

/** Asks, and answers everything that must not depend on which store was asked. */
export async function perform(client: StoreClient, operation: Operation): Promise<unknown> {
  switch (operation.ask) {
    case 'range':
      return client.range(operation.request)
    case 'put':
      return client.put(operation.request.key, operation.request.value, operation.request)
    case 'deleteRange':
      return client.deleteRange(operation.request, operation.request)
    case 'txn':
      return client.txn(operation.request)
    case 'compact':
      return client.compact(operation.revision, { physical: true })
    case 'leaseGrant':
      return client.leaseGrant(operation.request)
    case 'leaseRevoke':
      return client.leaseRevoke(operation.id)
    case 'leaseKeepAlive':
      return client.leaseKeepAlive(operation.id)
    case 'leaseTimeToLive': {
      const answer = await client.leaseTimeToLive(operation.id, { keys: true })
      return { ...answer, ttlSeconds: Math.sign(answer.ttlSeconds) }
    }
    case 'leaseLeases': {
      const { header, leases } = await client.leaseLeases()
      return { header, leases: leases.map(String).sort() }
    }
    case 'watch':
      throw new TypeError('a watch goes on: see session.ts')
  }
}

/** A value as text, the same for equal values: ids, bytes and absent fields included. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, field: unknown) => {
    if (typeof field === 'bigint') return `${field}n`
    if (field instanceof Uint8Array) return Buffer.from(field).toString('latin1')
    // What Buffer.toJSON has made of bytes before this function sees them.
    if (isBufferJson(field)) return Buffer.from(field.data).toString('latin1')
    return isRecord(field) ? sorted(field) : field
  })

const isRecord = (field: unknown): field is object =>
  typeof field === 'object' && field !== null && !Array.isArray(field)

const sorted = (record: object) =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

const isBufferJson = (field: unknown): field is { readonly data: number[] } =>
  typeof field === 'object' && field !== null && 'type' in field && field.type === 'Buffer'
