import { appendConfChange, mayChange } from './membership.js'
import { membersOf } from './quorum.js'
import { appendAsLeader } from './replication.js'
import type { RaftState } from './state.js'
import { type EntryType, type Message, NOBODY, type ProposalRefusal } from './types.js'

/** Proposals: appended by the leader, forwarded to it by others. */

export function propose(
  raft: RaftState,
  type: EntryType,
  data: Uint8Array,
): ProposalRefusal | undefined {
  if (raft.role === 'leader') return proposeAsLeader(raft, type, data)
  if (raft.leader === NOBODY) return isRemoved(raft) ? 'removed' : 'noLeader'
  const entries = [{ type, term: 0, index: 0, data }]
  raft.send({ type: 'MsgProp', to: raft.leader, term: 0, entries })
  return undefined
}

const isRemoved = ({ conf, id }: RaftState): boolean =>
  conf.voters.length > 0 && !membersOf(conf).includes(id)

function proposeAsLeader(
  raft: RaftState,
  type: EntryType,
  data: Uint8Array,
): ProposalRefusal | undefined {
  if (raft.retiresAt !== undefined) return 'removed'
  if (raft.leadTransferee !== NOBODY) return 'transferring'
  if (isTooMuch(raft, data)) return 'tooManyUncommitted'
  if (type === 'EntryNormal') {
    appendAsLeader(raft, type, data)
    return undefined
  }
  if (!mayChange(raft, data)) return 'changeInProgress'
  appendConfChange(raft, type, data)
  return undefined
}

/** One is taken whatever its size, and so is what has none: leaving a joint configuration. */
const isTooMuch = ({ uncommittedBytes, config }: RaftState, { length }: Uint8Array): boolean =>
  uncommittedBytes > 0 && length > 0 && uncommittedBytes + length > config.maxUncommittedBytes

/** MsgProp that was forwarded to us. What is refused here is dropped: who proposed it times out. */
export function onForwardedProposal(raft: RaftState, { entries = [] }: Message): void {
  for (const { type, data } of entries) propose(raft, type, data)
}
