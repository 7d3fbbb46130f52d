import type { ConfState, NodeId } from './types.js'

export type VoteResult = 'won' | 'lost' | 'pending'

/**
 * The largest value that a majority has reached. Of no voters: infinite, so that the empty half of
 * a joint configuration never decides.
 */
function majorityReached(voters: readonly NodeId[], reachedBy: (id: NodeId) => number): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY
  if (voters.length === 1) return reachedBy(voters[0] as NodeId)
  const descending = voters.map(reachedBy).sort((a, b) => b - a)
  return descending[voters.length >> 1] as number
}

/** What both majorities of a joint configuration have reached (paper, 6). */
export function quorumReached(conf: ConfState, reachedBy: (id: NodeId) => number): number {
  const incoming = majorityReached(conf.voters, reachedBy)
  if (conf.votersOutgoing.length === 0) return incoming
  return Math.min(incoming, majorityReached(conf.votersOutgoing, reachedBy))
}

function majorityVote(voters: readonly NodeId[], votes: ReadonlyMap<NodeId, boolean>): VoteResult {
  if (voters.length === 0) return 'won'
  const needed = (voters.length >> 1) + 1
  const granted = voters.filter((id) => votes.get(id) === true).length
  if (granted >= needed) return 'won'
  const missing = voters.filter((id) => !votes.has(id)).length
  return granted + missing >= needed ? 'pending' : 'lost'
}

export function quorumVote(conf: ConfState, votes: ReadonlyMap<NodeId, boolean>): VoteResult {
  const incoming = majorityVote(conf.voters, votes)
  const outgoing = majorityVote(conf.votersOutgoing, votes)
  if (incoming === 'lost' || outgoing === 'lost') return 'lost'
  return incoming === 'won' && outgoing === 'won' ? 'won' : 'pending'
}

/** All who vote, each once, in order. */
export function votersOf(conf: ConfState): NodeId[] {
  const { voters, votersOutgoing } = conf
  if (votersOutgoing.length === 0) return [...voters]
  return sorted(new Set([...voters, ...votersOutgoing]))
}

export const membersOf = (conf: ConfState): NodeId[] =>
  sorted(new Set([...conf.voters, ...conf.votersOutgoing, ...conf.learners]))

export const isVoter = (conf: ConfState, id: NodeId): boolean =>
  conf.voters.includes(id) || conf.votersOutgoing.includes(id)

export const isJoint = (conf: ConfState): boolean => conf.votersOutgoing.length > 0

/** Who is the only voter asks nobody. */
export const decidesAlone = ({ voters, votersOutgoing }: ConfState, id: NodeId): boolean =>
  voters.length === 1 && voters[0] === id && votersOutgoing.length === 0

export const sorted = (ids: Iterable<NodeId>): NodeId[] =>
  [...ids].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
