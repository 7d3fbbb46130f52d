import { header, KeyValue } from './kv.js'
import { type Decoded, field, message, optional } from './message.js'
import { bytes, int64, integer, key } from './scalars.js'

/** The services Lock and Election. Source: etcd, v3lock.proto and v3election.proto. */

export const LockRequest = message('v3lockpb.LockRequest', {
  name: field(1, key),
  lease: field(2, int64),
})
export const LockResponse = message('v3lockpb.LockResponse', { header, key: field(2, key) })
export const UnlockRequest = message('v3lockpb.UnlockRequest', { key: field(1, key) })
export const UnlockResponse = message('v3lockpb.UnlockResponse', { header })

export const LeaderKey = message('v3electionpb.LeaderKey', {
  name: field(1, key),
  key: field(2, key),
  rev: field(3, integer),
  lease: field(4, int64),
})
export type LeaderKey = Decoded<typeof LeaderKey>

export const CampaignRequest = message('v3electionpb.CampaignRequest', {
  name: field(1, key),
  lease: field(2, int64),
  value: field(3, bytes),
})
export const CampaignResponse = message('v3electionpb.CampaignResponse', {
  header,
  leader: optional(2, LeaderKey),
})

export const LeaderRequest = message('v3electionpb.LeaderRequest', { name: field(1, key) })
export const LeaderResponse = message('v3electionpb.LeaderResponse', {
  header,
  kv: optional(2, KeyValue),
})

export const ResignRequest = message('v3electionpb.ResignRequest', {
  leader: optional(1, LeaderKey),
})
export const ResignResponse = message('v3electionpb.ResignResponse', { header })

export const ProclaimRequest = message('v3electionpb.ProclaimRequest', {
  leader: optional(1, LeaderKey),
  value: field(2, bytes),
})
export const ProclaimResponse = message('v3electionpb.ProclaimResponse', { header })
