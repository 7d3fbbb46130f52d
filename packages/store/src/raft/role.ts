import { assert } from './assert.js'
import { Progress } from './progress.js'
import { isVoter, membersOf } from './quorum.js'
import type { RaftState } from './state.js'
import { NOBODY, type NodeId } from './types.js'

/** The four roles, and what changes with each (paper, 5.1 and figure 4). Nothing is sent here. */

function beginTerm(raft: RaftState, term: number): void {
  if (raft.term !== term) {
    raft.term = term
    raft.vote = NOBODY
  }
  raft.leader = NOBODY
  raft.votes = new Map()
  raft.progress = new Map()
  raft.reads.clear()
  raft.electionElapsedTicks = 0
  raft.heartbeatElapsedTicks = 0
  raft.leadTransferee = NOBODY
  raft.isLeaseForfeited = false
  raft.retiresAt = undefined
  raft.isBroadcastDue = false
  drawElectionTimeout(raft)
}

function drawElectionTimeout(raft: RaftState): void {
  const { electionTicks, random } = raft.config
  raft.electionTimeoutTicks = electionTicks + random(electionTicks)
}

export function becomeFollower(raft: RaftState, term: number, leader: NodeId): void {
  beginTerm(raft, term)
  raft.role = 'follower'
  raft.leader = leader
}

/** Thesis, 9.6: asks whether it could win, and so leaves its term and its vote alone. */
export function becomePreCandidate(raft: RaftState): void {
  raft.role = 'preCandidate'
  raft.leader = NOBODY
  raft.votes = new Map()
}

export function becomeCandidate(raft: RaftState): void {
  beginTerm(raft, raft.term + 1)
  raft.role = 'candidate'
  raft.vote = raft.id
}

export function becomeLeader(raft: RaftState): void {
  assert(raft.role === 'candidate', () => `a ${raft.role} cannot become leader`)
  beginTerm(raft, raft.term)
  raft.role = 'leader'
  raft.leader = raft.id
  raft.leaderTicks = 0
  const { log } = raft
  for (const id of membersOf(raft.conf)) {
    const isLearner = raft.conf.learners.includes(id)
    raft.progress.set(id, new Progress(id, log.lastIndex + 1, isLearner, raft.limits))
  }
  raft.self?.becomeReplicate()
  raft.self?.accepted(log.stable)
  // One of the entries that came from earlier leaders may be a change of membership.
  raft.pendingConfIndex = log.lastIndex
  raft.uncommittedBytes = log.dataBytes(log.commit, log.lastIndex)
}

/** Who may become leader: a voter whose state is its own and not a snapshot still being written. */
export const isPromotable = (raft: RaftState): boolean =>
  isVoter(raft.conf, raft.id) && raft.log.pendingSnapshot === undefined
