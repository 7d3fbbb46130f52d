import { createRaft } from '../raft/raft.js'
import type { RaftNode } from '../raft/types.js'
import { bounds, type MemberSettings } from './member-options.js'
import type { Opening } from './opening.js'

/** The consensus core as the log left it. */
export function openCore(id: bigint, settings: MemberSettings, opening: Opening): RaftNode {
  const { random, heartbeatMs, electionMs, preVote, unsafe, wrapRaft, raftBounds } = settings
  const { hardState, snapshot, entries } = opening
  const raft = createRaft({
    id,
    electionTicks: Math.max(2, Math.round(electionMs / heartbeatMs)),
    heartbeatTicks: 1,
    random: (bound) => random.below(bound),
    hardState,
    snapshot,
    entries,
    applied: snapshot.index,
    preVote,
    checkQuorum: true,
    readOnly: 'safe',
    unsafe,
    ...bounds.raft,
    ...raftBounds,
  })
  return wrapRaft?.(raft) ?? raft
}
