import { type Decoded, field, message, optional, repeated } from './message.js'
import { bool, bytes, enumOf, integer, uint64 } from './scalars.js'

/** raftpb: what members send each other and write to their logs. Source: raft.proto. */

export const Entry = message('raftpb.Entry', {
  type: field(
    1,
    enumOf({
      EntryNormal: [0, 'EntryNormal'],
      EntryConfChange: [1, 'EntryConfChange'],
      EntryConfChangeV2: [2, 'EntryConfChangeV2'],
    }),
  ),
  term: field(2, integer),
  index: field(3, integer),
  data: field(4, bytes),
})

export const ConfState = message('raftpb.ConfState', {
  voters: repeated(1, uint64),
  learners: repeated(2, uint64),
  votersOutgoing: repeated(3, uint64),
  learnersNext: repeated(4, uint64),
  autoLeave: field(5, bool),
})

export const SnapshotMetadata = message('raftpb.SnapshotMetadata', {
  confState: optional(1, ConfState),
  index: field(2, integer),
  term: field(3, integer),
})

export const Snapshot = message('raftpb.Snapshot', {
  data: field(1, bytes),
  metadata: optional(2, SnapshotMetadata),
})

const messageType = enumOf({
  MsgHup: [0, 'MsgHup'],
  MsgBeat: [1, 'MsgBeat'],
  MsgProp: [2, 'MsgProp'],
  MsgApp: [3, 'MsgApp'],
  MsgAppResp: [4, 'MsgAppResp'],
  MsgVote: [5, 'MsgVote'],
  MsgVoteResp: [6, 'MsgVoteResp'],
  MsgSnap: [7, 'MsgSnap'],
  MsgHeartbeat: [8, 'MsgHeartbeat'],
  MsgHeartbeatResp: [9, 'MsgHeartbeatResp'],
  MsgUnreachable: [10, 'MsgUnreachable'],
  MsgSnapStatus: [11, 'MsgSnapStatus'],
  MsgCheckQuorum: [12, 'MsgCheckQuorum'],
  MsgTransferLeader: [13, 'MsgTransferLeader'],
  MsgTimeoutNow: [14, 'MsgTimeoutNow'],
  MsgReadIndex: [15, 'MsgReadIndex'],
  MsgReadIndexResp: [16, 'MsgReadIndexResp'],
  MsgPreVote: [17, 'MsgPreVote'],
  MsgPreVoteResp: [18, 'MsgPreVoteResp'],
})

export const Message = message('raftpb.Message', {
  type: field(1, messageType),
  to: field(2, uint64),
  from: field(3, uint64),
  term: field(4, integer),
  logTerm: field(5, integer),
  index: field(6, integer),
  entries: repeated(7, Entry),
  commit: field(8, integer),
  snapshot: optional(9, Snapshot),
  reject: field(10, bool),
  rejectHint: field(11, integer),
  context: field(12, bytes),
})
export type Message = Decoded<typeof Message>

const confChangeType = enumOf({
  ConfChangeAddNode: [0, 'ConfChangeAddNode'],
  ConfChangeRemoveNode: [1, 'ConfChangeRemoveNode'],
  ConfChangeUpdateNode: [2, 'ConfChangeUpdateNode'],
  ConfChangeAddLearnerNode: [3, 'ConfChangeAddLearnerNode'],
})

export const ConfChange = message('raftpb.ConfChange', {
  id: field(1, uint64),
  type: field(2, confChangeType),
  nodeId: field(3, uint64),
  context: field(4, bytes),
})

export const ConfChangeSingle = message('raftpb.ConfChangeSingle', {
  type: field(1, confChangeType),
  nodeId: field(2, uint64),
})

export const ConfChangeV2 = message('raftpb.ConfChangeV2', {
  transition: field(
    1,
    enumOf({
      ConfChangeTransitionAuto: [0, 'ConfChangeTransitionAuto'],
      ConfChangeTransitionJointImplicit: [1, 'ConfChangeTransitionJointImplicit'],
      ConfChangeTransitionJointExplicit: [2, 'ConfChangeTransitionJointExplicit'],
    }),
  ),
  changes: repeated(2, ConfChangeSingle),
  context: field(3, bytes),
})
