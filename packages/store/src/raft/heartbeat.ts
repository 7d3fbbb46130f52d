import type { Progress } from './progress.js'
import { quorumVote } from './quorum.js'
import type { RaftState } from './state.js'

/**
 * MsgHeartbeat keeps followers quiet, tells of the commit index, and carries a context that comes
 * back with the answer: which round of reads it confirms, when it was sent, and what it said.
 */
export function broadcastHeartbeats(raft: RaftState): void {
  const { reads, config, log, leaderTicks, retiresAt } = raft
  const isAsking = reads.hasPending || config.readOnly === 'lease' || retiresAt !== undefined
  for (const { id, match } of raft.progress.values()) {
    if (id === raft.id) continue
    const commit = Math.min(match, log.commit)
    const context = isAsking ? encodeContext(reads.round, leaderTicks, commit) : undefined
    raft.send({ type: 'MsgHeartbeat', to: id, commit, context })
  }
}

const CONTEXT_BYTES = 24

function encodeContext(round: number, tick: number, commit: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(CONTEXT_BYTES))
  view.setFloat64(0, round)
  view.setFloat64(8, tick)
  view.setFloat64(16, commit)
  return new Uint8Array(view.buffer)
}

/** Notes what a follower's answer confirms. Answers may come late, twice and out of order. */
export function noteHeartbeatAnswer(progress: Progress, context: Uint8Array | undefined): void {
  progress.isRecentlyActive = true
  progress.isFlowPaused = false
  if (context?.length !== CONTEXT_BYTES) return
  const view = new DataView(context.buffer, context.byteOffset, context.byteLength)
  progress.ackedRound = Math.max(progress.ackedRound, view.getFloat64(0))
  progress.ackedTick = Math.max(progress.ackedTick, view.getFloat64(8))
  progress.ackedCommit = Math.max(progress.ackedCommit, view.getFloat64(16))
}

/** Check-quorum (thesis, 6.2): whether a quorum was heard of since this was last asked. */
export function wasQuorumActive(raft: RaftState): boolean {
  const active = new Map([[raft.id, true]])
  for (const progress of raft.progress.values()) {
    if (progress.id === raft.id) continue
    active.set(progress.id, progress.isRecentlyActive)
    progress.isRecentlyActive = false
  }
  return quorumVote(raft.conf, active) === 'won'
}
