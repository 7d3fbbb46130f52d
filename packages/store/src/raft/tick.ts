import { hup } from './election.js'
import { broadcastHeartbeats, wasQuorumActive } from './heartbeat.js'
import { becomeFollower, isPromotable } from './role.js'
import type { RaftState } from './state.js'
import { abortTransfer } from './transfer.js'
import { NOBODY } from './types.js'

/** Raft's only notion of time. */
export function tick(raft: RaftState): void {
  raft.ticksSinceLeader++
  raft.electionElapsedTicks++
  if (raft.role === 'leader') tickLeader(raft)
  else tickElection(raft)
}

function tickElection(raft: RaftState): void {
  if (!isPromotable(raft) || raft.electionElapsedTicks < raft.electionTimeoutTicks) return
  raft.electionElapsedTicks = 0
  hup(raft, raft.config.preVote ? 'preVote' : 'vote')
}

function tickLeader(raft: RaftState): void {
  raft.leaderTicks++
  raft.heartbeatElapsedTicks++
  if (raft.electionElapsedTicks >= raft.config.electionTicks) {
    raft.electionElapsedTicks = 0
    if (raft.config.checkQuorum && !wasQuorumActive(raft)) {
      becomeFollower(raft, raft.term, NOBODY)
      return
    }
    // Thesis, 3.10: the successor had its time; clients wait for proposals to be taken again.
    abortTransfer(raft)
  }
  if (raft.heartbeatElapsedTicks < raft.config.heartbeatTicks) return
  raft.heartbeatElapsedTicks = 0
  broadcastHeartbeats(raft)
}
