import { broadcastHeartbeats } from './heartbeat.js'
import { decidesAlone, quorumReached } from './quorum.js'
import type { RaftState } from './state.js'
import { type Message, NOBODY } from './types.js'

/**
 * Reads without a log entry (thesis, 6.4): a leader notes its commit index, makes sure that it was
 * still the leader after it was asked, and lets the state machine answer once it is that far.
 */

/** MsgReadIndex, our own or forwarded by a follower: `entries[0].data` says what for. */
export function onReadRequest(raft: RaftState, request: Message): void {
  const { reads, log } = raft
  if (raft.config.unsafe?.readWithoutQuorum) {
    answerRead(raft, request, log.commit)
  } else if (!raft.hasCommittedInTerm) {
    // What an earlier leader acknowledged may not count as committed here yet (6.4, step 1).
    if (!reads.isFull) reads.postpone(request)
  } else if (decidesAlone(raft.conf, raft.id) || hasLease(raft)) {
    answerRead(raft, request, log.commit)
  } else if (!reads.isFull && reads.add(request, log.commit)) {
    broadcastHeartbeats(raft)
  }
}

export function answerPostponedReads(raft: RaftState): void {
  if (!raft.hasCommittedInTerm) return
  for (const request of raft.reads.takePostponed()) onReadRequest(raft, request)
}

/** Those whose round a quorum has answered. */
export function answerConfirmedReads(raft: RaftState): void {
  const { reads, progress, conf } = raft
  if (!reads.hasPending) return
  const round = quorumReached(conf, (id) =>
    id === raft.id ? reads.round : (progress.get(id)?.ackedRound ?? 0),
  )
  for (const { request, index } of reads.takeConfirmed(round)) answerRead(raft, request, index)
}

function answerRead(raft: RaftState, { from, entries }: Message, index: number): void {
  const context = entries?.[0]?.data
  if (context === undefined) return
  if (from === raft.id || from === NOBODY) raft.readStates.push({ index, context })
  else raft.send({ type: 'MsgReadIndexResp', to: from, index, entries })
}

/** MsgReadIndexResp: what we forwarded is confirmed. */
export function onReadAnswer(raft: RaftState, { index = 0, entries }: Message): void {
  const context = entries?.[0]?.data
  if (context !== undefined) raft.readStates.push({ index, context })
}

/**
 * Thesis, 6.4.1. Who answered a heartbeat refuses candidates for an election timeout from then on,
 * so nobody else can lead for that long after the sending of heartbeats that a quorum answered.
 */
function hasLease(raft: RaftState): boolean {
  const { config, progress, conf } = raft
  if (config.readOnly !== 'lease' || !config.checkQuorum || raft.isLeaseForfeited) return false
  const start = quorumReached(conf, (id) =>
    id === raft.id ? raft.leaderTicks : (progress.get(id)?.ackedTick ?? Number.NEGATIVE_INFINITY),
  )
  return raft.leaderTicks - start < leaseTicks(config.electionTicks)
}

/** A tenth for clocks that run apart, and one tick because both sides count whole ones. */
const leaseTicks = (electionTicks: number): number => Math.floor(electionTicks * 0.9) - 1
