import { isVoter, quorumVote, votersOf } from './quorum.js'
import { appendAsLeader, NO_DATA } from './replication.js'
import {
  becomeCandidate,
  becomeFollower,
  becomeLeader,
  becomePreCandidate,
  isPromotable,
} from './role.js'
import type { RaftState } from './state.js'
import { type Message, NOBODY } from './types.js'

/** Leader election (paper, 5.2 and 5.4.1), with pre-vote (thesis, 9.6) and the lease (6.4.1). */

/** `transfer`: the leader itself asked for it, so nobody's lease stands against it. */
export type Campaign = 'preVote' | 'vote' | 'transfer'

export function hup(raft: RaftState, campaign: Campaign): void {
  if (raft.role === 'leader' || !isPromotable(raft)) return
  // A committed change of membership must be applied first: who votes depends on it (4.1).
  if (raft.log.hasConfChange(raft.log.applied, raft.log.commit)) return
  if (campaign === 'preVote') preCampaign(raft)
  else startCampaign(raft, campaign)
}

function preCampaign(raft: RaftState): void {
  becomePreCandidate(raft)
  // A pre-vote promises nothing, so our own needs no disk.
  if (tally(raft, raft.id, true) === 'won') {
    startCampaign(raft, 'vote')
    return
  }
  for (const to of votersOf(raft.conf)) {
    if (to === raft.id) continue
    raft.send({ type: 'MsgPreVote', to, term: raft.term + 1, ...lastEntry(raft) })
  }
}

/**
 * The requests wait for the disk as well: they state a term and a last entry, and answers to them
 * must not reach a candidate that has forgotten either.
 */
function startCampaign(raft: RaftState, campaign: Campaign): void {
  becomeCandidate(raft)
  const context = campaign === 'transfer' ? CAMPAIGN_TRANSFER : undefined
  for (const to of votersOf(raft.conf)) {
    if (to === raft.id) raft.sendAfterPersist({ type: 'MsgVoteResp', to })
    else raft.sendAfterPersist({ type: 'MsgVote', to, context, ...lastEntry(raft) })
  }
}

const lastEntry = ({ log }: RaftState) => ({ index: log.lastIndex, logTerm: log.lastTerm })

const CAMPAIGN_TRANSFER = Uint8Array.from('CampaignTransfer', (char) => char.charCodeAt(0))

const isTransfer = (context: Uint8Array | undefined): boolean =>
  context?.length === CAMPAIGN_TRANSFER.length &&
  context.every((byte, i) => byte === CAMPAIGN_TRANSFER[i])

function tally(raft: RaftState, from: bigint, isGranted: boolean) {
  if (isVoter(raft.conf, from) && !raft.votes.has(from)) raft.votes.set(from, isGranted)
  return quorumVote(raft.conf, raft.votes)
}

/** MsgVoteResp or MsgPreVoteResp, whichever we wait for. */
export function onVoteAnswer(raft: RaftState, answer: Message): void {
  const expected = raft.role === 'preCandidate' ? 'MsgPreVoteResp' : 'MsgVoteResp'
  if (answer.type !== expected) return
  const result = tally(raft, answer.from, answer.reject !== true)
  if (result === 'lost') becomeFollower(raft, raft.term, NOBODY)
  else if (result === 'won' && raft.role === 'preCandidate') startCampaign(raft, 'vote')
  else if (result === 'won') lead(raft)
}

function lead(raft: RaftState): void {
  becomeLeader(raft)
  // Nothing of earlier terms commits before this entry does (5.4.2, and 8 for reads).
  appendAsLeader(raft, 'EntryNormal', NO_DATA)
}

/** MsgVote or MsgPreVote; for MsgVote the term is ours already. */
export function onVoteRequest(raft: RaftState, request: Message): void {
  const { type, from, term, index = 0, logTerm = 0 } = request
  const isPreVote = type === 'MsgPreVote'
  const isFree = raft.vote === NOBODY && raft.leader === NOBODY
  // Also by a learner: it may have become a voter without knowing yet.
  const mayVote = isFree || raft.vote === from || (isPreVote && term > raft.term)
  const isGranted = mayVote && raft.log.isUpToDate(index, logTerm)
  if (isGranted && !isPreVote) {
    raft.vote = from
    raft.electionElapsedTicks = 0
  }
  raft.sendAfterPersist({
    type: isPreVote ? 'MsgPreVoteResp' : 'MsgVoteResp',
    to: from,
    // A granted pre-vote is about the term that the candidate would begin.
    term: isGranted ? term : raft.term,
    reject: !isGranted,
  })
}

/** In touch with a leader, a member refuses candidates, and does not even take over their term. */
export function isProtectingLeader(raft: RaftState, request: Message): boolean {
  const { checkQuorum, electionTicks } = raft.config
  if (!checkQuorum || isTransfer(request.context)) return false
  if (raft.leader !== NOBODY && raft.electionElapsedTicks < electionTicks) return true
  return isBoundByLease(raft)
}

/**
 * A leader may be counting on us, even if we have lost touch since, or were restarted: no vote for
 * another one, not even our own, until its lease is over.
 */
export const isBoundByLease = ({ config, ticksSinceLeader }: RaftState): boolean =>
  config.readOnly === 'lease' && ticksSinceLeader < config.electionTicks
