import { hup, isProtectingLeader, onVoteAnswer, onVoteRequest } from './election.js'
import { followLeader, onAppend, onHeartbeat, onSnapshot } from './follow.js'
import { noteHeartbeatAnswer } from './heartbeat.js'
import { maybeRetire } from './membership.js'
import type { Progress } from './progress.js'
import { onForwardedProposal } from './proposal.js'
import { answerConfirmedReads, onReadAnswer, onReadRequest } from './read-only.js'
import { onAppendAnswer, sendAppend } from './replication.js'
import { becomeFollower } from './role.js'
import type { RaftState } from './state.js'
import { beginTransfer, handOverIfCaughtUp } from './transfer.js'
import { type Message, type MessageType, NOBODY } from './types.js'

/** A message arrives: first its term is settled (paper, 5.1), then the role decides. */
export function step(raft: RaftState, message: Message): void {
  if (message.to !== raft.id || !isFromOutside(message)) return
  const isOld = !isWithoutTerm(message) && message.term < raft.term
  const isNew = !isWithoutTerm(message) && message.term > raft.term
  if (isOld) onOldTerm(raft, message)
  else if (!isNew || onNewTerm(raft, message)) dispatch(raft, message)
}

/** The other types are calls of this member's own host. */
const isFromOutside = ({ type }: Message): boolean =>
  type !== 'MsgHup' &&
  type !== 'MsgBeat' &&
  type !== 'MsgUnreachable' &&
  type !== 'MsgSnapStatus' &&
  type !== 'MsgCheckQuorum'

/** Forwarded to whoever leads. */
const isWithoutTerm = ({ type }: Message): boolean => type === 'MsgProp' || type === 'MsgReadIndex'

const isFromLeader = (type: MessageType): boolean =>
  type === 'MsgApp' || type === 'MsgHeartbeat' || type === 'MsgSnap'

/** Answers whether the message is still to be handled. */
function onNewTerm(raft: RaftState, message: Message): boolean {
  const { type, term, from } = message
  const isRequest = type === 'MsgVote' || type === 'MsgPreVote'
  if (isRequest && isProtectingLeader(raft, message)) return false
  // A pre-vote speaks of a term that nobody has begun.
  const isHypothetical =
    type === 'MsgPreVote' || (type === 'MsgPreVoteResp' && message.reject !== true)
  if (!isHypothetical) becomeFollower(raft, term, isFromLeader(type) ? from : NOBODY)
  return true
}

function onOldTerm(raft: RaftState, { type, from }: Message): void {
  const { checkQuorum, preVote } = raft.config
  if ((checkQuorum || preVote) && (type === 'MsgApp' || type === 'MsgHeartbeat')) {
    // A leader whose followers refuse our candidacy would never learn of our higher term, and we
    // would never follow it: this answer makes it step down.
    raft.sendAfterPersist({ type: 'MsgAppResp', to: from })
  } else if (type === 'MsgPreVote' || type === 'MsgVote') {
    // Paper, 5.1: the answer carries our term. Without it a candidate with an older one would run
    // after us, term by term.
    const answer = type === 'MsgVote' ? 'MsgVoteResp' : 'MsgPreVoteResp'
    raft.sendAfterPersist({ type: answer, to: from, reject: true })
  }
}

function dispatch(raft: RaftState, message: Message): void {
  if (message.type === 'MsgVote' || message.type === 'MsgPreVote') onVoteRequest(raft, message)
  else if (raft.role === 'leader') stepLeader(raft, message)
  else if (raft.role === 'follower') stepFollower(raft, message)
  else stepCandidate(raft, message)
}

function stepLeader(raft: RaftState, message: Message): void {
  switch (message.type) {
    case 'MsgProp':
      onForwardedProposal(raft, message)
      break
    case 'MsgReadIndex':
      onReadRequest(raft, message)
      break
    case 'MsgTransferLeader':
      startTransfer(raft, message.from)
      break
    default: {
      const progress = raft.progress.get(message.from)
      if (progress !== undefined) stepAnswer(raft, progress, message)
    }
  }
}

/** Answers of members only; of others we wouldn't know what they are about. */
function stepAnswer(raft: RaftState, progress: Progress, message: Message): void {
  if (message.type === 'MsgAppResp') onAppendAnswer(raft, progress, message)
  if (message.type !== 'MsgHeartbeatResp') return
  noteHeartbeatAnswer(progress, message.context)
  // It may have lost what we sent; an answer to this shows how far it is.
  const mayLack = progress.match < raft.log.lastIndex || progress.state === 'probe'
  if (mayLack) sendAppend(raft, progress, 'always')
  answerConfirmedReads(raft)
  maybeRetire(raft)
}

export function startTransfer(raft: RaftState, to: bigint): void {
  const successor = beginTransfer(raft, to)
  if (successor && !handOverIfCaughtUp(raft, successor)) sendAppend(raft, successor, 'always')
}

function stepFollower(raft: RaftState, message: Message): void {
  switch (message.type) {
    case 'MsgApp':
    case 'MsgHeartbeat':
    case 'MsgSnap':
      stepFromLeader(raft, message)
      break
    case 'MsgTimeoutNow':
      hup(raft, 'transfer')
      break
    case 'MsgReadIndexResp':
      onReadAnswer(raft, message)
      break
    case 'MsgProp':
    case 'MsgReadIndex':
    case 'MsgTransferLeader':
      forwardToLeader(raft, message)
      break
  }
}

/** `from` stays: it says who reads, or who is to lead. */
export function forwardToLeader(raft: RaftState, message: Message): void {
  if (raft.leader === NOBODY || raft.leader === raft.id) return
  const term = isWithoutTerm(message) ? 0 : raft.term
  raft.send({ ...message, term, to: raft.leader })
}

function stepCandidate(raft: RaftState, message: Message): void {
  if (isFromLeader(message.type)) stepFromLeader(raft, message)
  else onVoteAnswer(raft, message)
}

function stepFromLeader(raft: RaftState, message: Message): void {
  followLeader(raft, message)
  if (message.type === 'MsgApp') onAppend(raft, message)
  else if (message.type === 'MsgHeartbeat') onHeartbeat(raft, message)
  else onSnapshot(raft, message)
}
