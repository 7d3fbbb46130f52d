import type { Progress } from './progress.js'
import type { RaftState } from './state.js'
import { NOBODY, type NodeId } from './types.js'

/** Leadership transfer (thesis, 3.10): the leader brings its successor up to date, then lets go. */

/** Returns the successor's progress if it has to be caught up or told; undefined if refused. */
export function beginTransfer(raft: RaftState, to: NodeId): Progress | undefined {
  const successor = raft.progress.get(to)
  if (successor === undefined || successor.isLearner || to === raft.id) return undefined
  if (raft.leadTransferee === to) return undefined
  raft.leadTransferee = to
  // It has to be done within an election timeout from now; see `tick`.
  raft.electionElapsedTicks = 0
  return successor
}

export function abortTransfer(raft: RaftState): void {
  raft.leadTransferee = NOBODY
}

/** Answers whether the successor was told to campaign. */
export function handOverIfCaughtUp(raft: RaftState, progress: Progress): boolean {
  if (raft.leadTransferee !== progress.id || progress.match < raft.log.lastIndex) return false
  // Voters let this candidate break the lease, now or when the message arrives.
  raft.isLeaseForfeited = true
  raft.send({ type: 'MsgTimeoutNow', to: progress.id })
  return true
}
