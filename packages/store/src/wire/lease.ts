import { header } from './kv.js'
import { type Decoded, field, message, repeated } from './message.js'
import { bool, int64, integer, key, string } from './scalars.js'

/** etcdserverpb's Lease service. TTLs are whole seconds. */

const id = field(1, int64, { name: 'ID' })
const answeredId = field(2, int64, { name: 'ID' })

export const LeaseGrantRequest = message('etcdserverpb.LeaseGrantRequest', {
  ttl: field(1, integer, { name: 'TTL' }),
  id: answeredId,
})
export type LeaseGrantRequest = Decoded<typeof LeaseGrantRequest>

export const LeaseGrantResponse = message('etcdserverpb.LeaseGrantResponse', {
  header,
  id: answeredId,
  ttl: field(3, integer, { name: 'TTL' }),
  error: field(4, string),
})

export const LeaseRevokeRequest = message('etcdserverpb.LeaseRevokeRequest', { id })
export type LeaseRevokeRequest = Decoded<typeof LeaseRevokeRequest>

export const LeaseRevokeResponse = message('etcdserverpb.LeaseRevokeResponse', { header })

export const LeaseCheckpoint = message('etcdserverpb.LeaseCheckpoint', {
  id,
  remainingTtl: field(2, integer, { name: 'remaining_TTL' }),
})

export const LeaseCheckpointRequest = message('etcdserverpb.LeaseCheckpointRequest', {
  checkpoints: repeated(1, LeaseCheckpoint),
})
export type LeaseCheckpointRequest = Decoded<typeof LeaseCheckpointRequest>

export const LeaseKeepAliveRequest = message('etcdserverpb.LeaseKeepAliveRequest', { id })

/** `ttl` 0: there is no such lease. */
export const LeaseKeepAliveResponse = message('etcdserverpb.LeaseKeepAliveResponse', {
  header,
  id: answeredId,
  ttl: field(3, integer, { name: 'TTL' }),
})

export const LeaseTimeToLiveRequest = message('etcdserverpb.LeaseTimeToLiveRequest', {
  id,
  keys: field(2, bool),
})

/** `ttl` -1: there is no such lease. */
export const LeaseTimeToLiveResponse = message('etcdserverpb.LeaseTimeToLiveResponse', {
  header,
  id: answeredId,
  ttl: field(3, integer, { name: 'TTL' }),
  grantedTtl: field(4, integer, { name: 'grantedTTL' }),
  keys: repeated(5, key),
})

export const LeaseLeasesRequest = message('etcdserverpb.LeaseLeasesRequest', {})

export const LeaseStatus = message('etcdserverpb.LeaseStatus', { id })

export const LeaseLeasesResponse = message('etcdserverpb.LeaseLeasesResponse', {
  header,
  leases: repeated(2, LeaseStatus),
})

/** leasepb: a lease as it lies in a database. */
export const Lease = message('leasepb.Lease', {
  id,
  ttl: field(2, integer, { name: 'TTL' }),
  remainingTtl: field(3, integer, { name: 'RemainingTTL' }),
})
