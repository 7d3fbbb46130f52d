import { NO_MEMBERS } from './conf-change.js'
import { entryBytes } from './log.js'
import type { Progress } from './progress.js'
import { membersOf, quorumReached } from './quorum.js'
import { answerPostponedReads } from './read-only.js'
import type { RaftState } from './state.js'
import { handOverIfCaughtUp } from './transfer.js'
import { type Entry, type EntryType, type Message, NOBODY, type NodeId } from './types.js'

/** Log replication, the leader's side (paper, 5.3 and 5.4.2; thesis, 10.2.1). */

/** Followers hear of it with the next Ready, so that what is proposed together travels together. */
export function appendAsLeader(raft: RaftState, type: EntryType, data: Uint8Array): void {
  raft.log.append({ type, term: raft.term, index: raft.log.lastIndex + 1, data })
  raft.uncommittedBytes += data.length
  raft.isBroadcastDue = true
}

/** Called when a Ready is made: everything that followers have not been told, as far as they take it. */
export function broadcastAppends(raft: RaftState): void {
  raft.isBroadcastDue = false
  for (const progress of raft.progress.values()) {
    if (progress.id === raft.id) continue
    while (sendAppend(raft, progress, 'ifNews'));
  }
}

/**
 * Sends what comes next, or the snapshot if that is compacted. An empty message is worth sending
 * `ifNews` (it tells of a commit index), or `always` (as a question). Answers whether entries went.
 */
export function sendAppend(
  raft: RaftState,
  progress: Progress,
  whenEmpty: 'ifNews' | 'always',
): boolean {
  if (progress.isPaused) return false
  const { log } = raft
  const previous = progress.next - 1
  const previousTerm = log.termOf(previous)
  if (previousTerm === undefined) return sendSnapshot(raft, progress)
  // Into a full window goes an empty message at most: if all of it was lost, that one will show it.
  const isThrottled = progress.state === 'replicate' && progress.inflights.isFull
  const entries = isThrottled
    ? []
    : log.slice(progress.next, log.lastIndex, raft.config.maxMessageBytes)
  const isWorthIt = whenEmpty === 'always' || progress.isBehindCommit(log.commit)
  if (entries.length === 0 && !isWorthIt) return false
  raft.send({
    type: 'MsgApp',
    to: progress.id,
    index: previous,
    logTerm: previousTerm,
    entries,
    commit: log.commit,
  })
  progress.sent(entries.length, bytesOf(entries))
  progress.sentCommit = log.commit
  return entries.length > 0
}

function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0
  for (const entry of entries) bytes += entryBytes(entry)
  return bytes
}

/**
 * Paper, 7. Not to who is silent: a snapshot is dear, and it would be sent for nothing. Nor to a new
 * member before there is one that knows it: it would refuse.
 */
function sendSnapshot(raft: RaftState, progress: Progress): false {
  const metadata = raft.offeredSnapshot
  const isNewEnough = metadata.index >= raft.log.firstIndex - 1
  const isForIt = membersOf(metadata.confState ?? NO_MEMBERS).includes(progress.id)
  if (!progress.isRecentlyActive || !isNewEnough || !isForIt) return false
  progress.becomeSnapshot(metadata.index)
  raft.send({ type: 'MsgSnap', to: progress.id, snapshot: { data: NO_DATA, metadata } })
  return false
}

export const NO_DATA = new Uint8Array(0)

/**
 * Commits what a quorum has made durable. Only an entry of this term is committed by counting;
 * older ones are with it, for a future leader might lack them otherwise (paper, 5.4.2, figure 8).
 */
export function maybeCommit(raft: RaftState): boolean {
  const { log, progress } = raft
  const reached = quorumReached(raft.conf, (id) => progress.get(id)?.match ?? 0)
  if (reached <= log.commit || reached === Number.POSITIVE_INFINITY) return false
  const isOurs = log.termOf(reached) === raft.term
  if (!isOurs && raft.config.unsafe?.commitOldTermsByCount !== true) return false
  raft.uncommittedBytes -= log.dataBytes(log.commit, reached)
  log.commitTo(reached)
  raft.isBroadcastDue = true
  answerPostponedReads(raft)
  return true
}

/** MsgAppResp: `index` up to where the follower's log equals ours, or what it rejects and why. */
export function onAppendAnswer(raft: RaftState, progress: Progress, answer: Message): void {
  progress.isRecentlyActive = true
  if ((answer.index ?? 0) > raft.log.lastIndex) return // of another log than ours
  if (answer.reject) onReject(raft, progress, answer)
  else onAccept(raft, progress, answer.index ?? 0)
}

function onReject(raft: RaftState, progress: Progress, answer: Message): void {
  const { index = 0, rejectHint = 0, logTerm = 0 } = answer
  // The follower skipped what is newer than our entry; we skip what is newer than its entry.
  const agreement = logTerm > 0 ? raft.log.lastAgreement(rejectHint, logTerm).index : rejectHint
  if (!progress.rejected(index, agreement)) return
  if (progress.state === 'replicate') progress.becomeProbe()
  sendAppend(raft, progress, 'always')
}

function onAccept(raft: RaftState, progress: Progress, index: number): void {
  const wasPaused = progress.isPaused
  const isNews = progress.accepted(index)
  if (!isNews && !(progress.state === 'probe' && progress.match === index)) return
  continueReplication(raft, progress, index)
  if (!maybeCommit(raft) && wasPaused) sendAppend(raft, progress, 'always')
  while (sendAppend(raft, progress, 'ifNews'));
  handOverIfCaughtUp(raft, progress)
}

function continueReplication(raft: RaftState, progress: Progress, index: number): void {
  if (progress.state === 'replicate') progress.inflights.freeUpTo(index)
  // Also from a snapshot under way, as soon as our log reaches what the follower has.
  else if (progress.state === 'probe' || progress.match + 1 >= raft.log.firstIndex)
    progress.becomeReplicate()
}

/** The transport could not reach it: what was sent optimistically may be lost. */
export function onUnreachable(raft: RaftState, id: NodeId): void {
  const progress = raft.progress.get(id)
  if (progress?.state === 'replicate') progress.becomeProbe()
}

/** Probing goes on, after the next answer to a heartbeat or an append. */
export function onSnapshotSent(raft: RaftState, id: NodeId, isDelivered: boolean): void {
  const progress = raft.progress.get(id)
  if (progress?.state !== 'snapshot') return
  if (!isDelivered) progress.pendingSnapshot = 0
  progress.becomeProbe()
  progress.isFlowPaused = true
}

/** Our own entries count like a follower's: when they are durable. */
export function onOwnAppend(raft: RaftState): void {
  if (raft.leader !== raft.id || raft.leader === NOBODY) return
  if (raft.self?.accepted(raft.log.stable)) maybeCommit(raft)
}
