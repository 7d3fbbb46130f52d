import { header } from './kv.js'
import { type Decoded, field, message, optional, repeated } from './message.js'
import { bool, string, uint64 } from './scalars.js'

/** etcdserverpb's Cluster service. */

const id = field(1, uint64, { name: 'ID' })
const members = (number: number) => repeated(number, Member)

export const Member = message('etcdserverpb.Member', {
  id,
  /** Empty until the member has started for the first time. */
  name: field(2, string),
  peerUrls: repeated(3, string, { name: 'peerURLs' }),
  clientUrls: repeated(4, string, { name: 'clientURLs' }),
  isLearner: field(5, bool, { name: 'isLearner' }),
})
export type Member = Decoded<typeof Member>

export const MemberAddRequest = message('etcdserverpb.MemberAddRequest', {
  peerUrls: repeated(1, string, { name: 'peerURLs' }),
  isLearner: field(2, bool, { name: 'isLearner' }),
})

export const MemberAddResponse = message('etcdserverpb.MemberAddResponse', {
  header,
  member: optional(2, Member),
  members: members(3),
})

export const MemberRemoveRequest = message('etcdserverpb.MemberRemoveRequest', { id })
export const MemberRemoveResponse = message('etcdserverpb.MemberRemoveResponse', {
  header,
  members: members(2),
})

export const MemberUpdateRequest = message('etcdserverpb.MemberUpdateRequest', {
  id,
  peerUrls: repeated(2, string, { name: 'peerURLs' }),
})
export const MemberUpdateResponse = message('etcdserverpb.MemberUpdateResponse', {
  header,
  members: members(2),
})

export const MemberListRequest = message('etcdserverpb.MemberListRequest', {
  linearizable: field(1, bool),
})
export const MemberListResponse = message('etcdserverpb.MemberListResponse', {
  header,
  members: members(2),
})

export const MemberPromoteRequest = message('etcdserverpb.MemberPromoteRequest', { id })
export const MemberPromoteResponse = message('etcdserverpb.MemberPromoteResponse', {
  header,
  members: members(2),
})
