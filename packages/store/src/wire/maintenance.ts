import { header } from './kv.js'
import { type Decoded, field, message, optional, repeated } from './message.js'
import { bool, bytes, enumOf, integer, string, uint32, uint64 } from './scalars.js'

/** etcdserverpb's Maintenance service. */

const alarmType = enumOf({
  none: [0, 'NONE'],
  nospace: [1, 'NOSPACE'],
  corrupt: [2, 'CORRUPT'],
})

export const AlarmRequest = message('etcdserverpb.AlarmRequest', {
  action: field(
    1,
    enumOf({ get: [0, 'GET'], activate: [1, 'ACTIVATE'], deactivate: [2, 'DEACTIVATE'] }),
  ),
  memberId: field(2, uint64, { name: 'memberID' }),
  alarm: field(3, alarmType),
})
export type AlarmRequest = Decoded<typeof AlarmRequest>

export const AlarmMember = message('etcdserverpb.AlarmMember', {
  memberId: field(1, uint64, { name: 'memberID' }),
  alarm: field(2, alarmType),
})
export type AlarmMember = Decoded<typeof AlarmMember>

export const AlarmResponse = message('etcdserverpb.AlarmResponse', {
  header,
  alarms: repeated(2, AlarmMember),
})
export type AlarmResponse = Decoded<typeof AlarmResponse>

export const StatusRequest = message('etcdserverpb.StatusRequest', {})

export const DowngradeInfo = message('etcdserverpb.DowngradeInfo', {
  enabled: field(1, bool),
  targetVersion: field(2, string, { name: 'targetVersion' }),
})

export const StatusResponse = message('etcdserverpb.StatusResponse', {
  header,
  version: field(2, string),
  dbSize: field(3, integer, { name: 'dbSize' }),
  leader: field(4, uint64),
  raftIndex: field(5, integer, { name: 'raftIndex' }),
  raftTerm: field(6, integer, { name: 'raftTerm' }),
  raftAppliedIndex: field(7, integer, { name: 'raftAppliedIndex' }),
  errors: repeated(8, string),
  dbSizeInUse: field(9, integer, { name: 'dbSizeInUse' }),
  isLearner: field(10, bool, { name: 'isLearner' }),
  storageVersion: field(11, string, { name: 'storageVersion' }),
  dbSizeQuota: field(12, integer, { name: 'dbSizeQuota' }),
  downgradeInfo: optional(13, DowngradeInfo, { name: 'downgradeInfo' }),
})
export type StatusResponse = Decoded<typeof StatusResponse>

export const DefragmentRequest = message('etcdserverpb.DefragmentRequest', {})
export const DefragmentResponse = message('etcdserverpb.DefragmentResponse', { header })

export const HashRequest = message('etcdserverpb.HashRequest', {})
export const HashResponse = message('etcdserverpb.HashResponse', {
  header,
  hash: field(2, uint32),
})

export const HashKVRequest = message('etcdserverpb.HashKVRequest', {
  revision: field(1, integer),
})
export const HashKVResponse = message('etcdserverpb.HashKVResponse', {
  header,
  hash: field(2, uint32),
  compactRevision: field(3, integer),
  hashRevision: field(4, integer),
})

export const SnapshotRequest = message('etcdserverpb.SnapshotRequest', {})
export const SnapshotResponse = message('etcdserverpb.SnapshotResponse', {
  header,
  remainingBytes: field(2, integer),
  blob: field(3, bytes),
  version: field(4, string),
})

export const MoveLeaderRequest = message('etcdserverpb.MoveLeaderRequest', {
  targetId: field(1, uint64, { name: 'targetID' }),
})
export const MoveLeaderResponse = message('etcdserverpb.MoveLeaderResponse', { header })

export const DowngradeRequest = message('etcdserverpb.DowngradeRequest', {
  action: field(
    1,
    enumOf({ validate: [0, 'VALIDATE'], enable: [1, 'ENABLE'], cancel: [2, 'CANCEL'] }),
  ),
  version: field(2, string),
})
export const DowngradeResponse = message('etcdserverpb.DowngradeResponse', {
  header,
  version: field(2, string),
})
