import { assert } from './assert.js'
import { membersOf } from './quorum.js'
import { becomeFollower } from './role.js'
import type { RaftState } from './state.js'
import type { ConfState, Entry, Message, SnapshotMetadata } from './types.js'

/** Log replication, the follower's side (paper, 5.3 and 7). The term is settled already. */

/** MsgApp: entries after `index`, and what is committed. */
export function onAppend(raft: RaftState, message: Message): void {
  const { log } = raft
  const { from, index = 0, logTerm = 0, commit = 0, entries = [] } = message
  if (index < log.commit) {
    raft.sendAfterPersist({ type: 'MsgAppResp', to: from, index: log.commit })
    return
  }
  if (!isSequence(entries, index)) return
  const lastEqual = log.appendAfter(index, logTerm, entries)
  if (lastEqual !== undefined) {
    log.commitTo(Math.min(commit, lastEqual))
    raft.sendAfterPersist({ type: 'MsgAppResp', to: from, index: lastEqual })
    return
  }
  // Where we may agree: our last entry that is not newer than the one the leader asked about.
  const agreement = log.lastAgreement(Math.min(index, log.lastIndex), logTerm)
  raft.sendAfterPersist({
    type: 'MsgAppResp',
    to: from,
    index,
    reject: true,
    rejectHint: agreement.index,
    logTerm: agreement.term,
  })
}

const isSequence = (entries: readonly Entry[], after: number): boolean =>
  entries.every((entry, i) => entry.index === after + 1 + i)

/** MsgHeartbeat: `commit` never goes beyond what the leader knows that we have. */
export function onHeartbeat(raft: RaftState, message: Message): void {
  raft.log.commitTo(message.commit ?? 0)
  raft.send({ type: 'MsgHeartbeatResp', to: message.from, context: message.context })
}

/** MsgSnap: the answer says how far our log is, whether we needed the snapshot or not. */
export function onSnapshot(raft: RaftState, message: Message): void {
  const { snapshot } = message
  const metadata = snapshot?.metadata
  const isRestored = snapshot !== undefined && metadata !== undefined && mayRestore(raft, metadata)
  if (isRestored) {
    raft.log.restore(snapshot, metadata)
    raft.conf = metadata.confState as ConfState
    raft.offeredSnapshot = metadata
  }
  const index = isRestored ? raft.log.lastIndex : raft.log.commit
  raft.sendAfterPersist({ type: 'MsgAppResp', to: message.from, index })
}

function mayRestore(raft: RaftState, { index, term, confState }: SnapshotMetadata): boolean {
  const { log } = raft
  if (index <= log.commit) return false
  assert(raft.role === 'follower', () => `a ${raft.role} received a snapshot of its own term`)
  // It comes from a configuration that we are not in (any more): not ours to take.
  if (confState === undefined || !membersOf(confState).includes(raft.id)) return false
  if (!log.matches(index, term)) return true
  // We have all of it in our log: the snapshot only tells us that it is committed.
  log.commitTo(index)
  return false
}

/** A leader of our term has spoken. */
export function followLeader(raft: RaftState, message: Message): void {
  if (raft.role !== 'follower') becomeFollower(raft, message.term, message.from)
  raft.leader = message.from
  raft.electionElapsedTicks = 0
  raft.ticksSinceLeader = 0
}
