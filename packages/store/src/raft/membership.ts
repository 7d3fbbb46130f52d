import { changed } from './conf-change.js'
import { broadcastHeartbeats } from './heartbeat.js'
import { Progress } from './progress.js'
import { isJoint, isVoter, membersOf, quorumReached } from './quorum.js'
import { answerConfirmedReads } from './read-only.js'
import { appendAsLeader, maybeCommit, NO_DATA } from './replication.js'
import { becomeFollower } from './role.js'
import type { RaftState } from './state.js'
import { abortTransfer } from './transfer.js'
import { type ConfChange, type ConfState, type EntryType, NOBODY } from './types.js'

/** Membership changes (thesis, 4): a configuration counts from when its entry is applied. */

export function applyConfChange(raft: RaftState, change: ConfChange | undefined): ConfState {
  const next = change && changed(raft.conf, change)
  if (next === undefined) return raft.conf
  raft.conf = next
  if (raft.role === 'leader') leadNewConfiguration(raft)
  return next
}

function leadNewConfiguration(raft: RaftState): void {
  trackMembers(raft)
  raft.retiresAt = isVoter(raft.conf, raft.id) ? undefined : raft.log.commit
  if (raft.retiresAt !== undefined) broadcastHeartbeats(raft)
  if (!isVoter(raft.conf, raft.leadTransferee)) abortTransfer(raft)
  // A smaller quorum may have what it needs already; new members are to be probed.
  maybeCommit(raft)
  answerConfirmedReads(raft)
  raft.isBroadcastDue = true
}

/**
 * Thesis, 4.2.2: a leader that is no voter any more leads on, without being counted, until a quorum
 * knows that the change is committed. If it stopped at once, its log could be longer than theirs:
 * they would still ask for its vote, and not get it. Then the one that is furthest takes over.
 */
export function maybeRetire(raft: RaftState): void {
  const { retiresAt, conf, progress } = raft
  if (retiresAt === undefined) return
  if (quorumReached(conf, (id) => progress.get(id)?.ackedCommit ?? 0) < retiresAt) return
  const furthest = [...progress.values()]
    .filter(({ isLearner, ackedCommit }) => !isLearner && ackedCommit >= retiresAt)
    .reduce((one, other) => (other.match > one.match ? other : one))
  raft.send({ type: 'MsgTimeoutNow', to: furthest.id })
  becomeFollower(raft, raft.term, NOBODY)
}

function trackMembers(raft: RaftState): void {
  const members = membersOf(raft.conf)
  for (const id of raft.progress.keys()) if (!members.includes(id)) raft.progress.delete(id)
  for (const id of members) {
    const isLearner = raft.conf.learners.includes(id)
    const known = raft.progress.get(id)
    if (known !== undefined) {
      known.isLearner = isLearner
      continue
    }
    const added = new Progress(id, raft.log.lastIndex + 1, isLearner, raft.limits)
    // Or the next quorum check would hold its silence so far against us.
    added.isRecentlyActive = true
    raft.progress.set(id, added)
  }
}

/** One change at a time: the next one begins when the last one is applied, and the joint one left. */
export function mayChange(raft: RaftState, data: Uint8Array): boolean {
  if (raft.pendingConfIndex > raft.log.applied) return false
  return !isJoint(raft.conf) || isLeave(data)
}

/** The empty change, encoded. */
const isLeave = (data: Uint8Array): boolean => data.length === 0

/** As leader; the caller asked `mayChange`. */
export function appendConfChange(raft: RaftState, type: EntryType, data: Uint8Array): void {
  appendAsLeader(raft, type, data)
  raft.pendingConfIndex = raft.log.lastIndex
}

/** Called when more is applied. Whoever leads then finishes the change, also a later leader. */
export function maybeLeaveJoint(raft: RaftState): void {
  if (raft.role !== 'leader' || !raft.conf.autoLeave) return
  if (raft.pendingConfIndex > raft.log.applied) return
  appendConfChange(raft, 'EntryConfChangeV2', NO_DATA)
}
