import { StoreError } from '../errors.js'
import type { ProgressStatus, RaftStatus } from '../raft/types.js'
import type { Member } from '../wire/cluster.js'
import type { Membership } from './membership.js'

/** What a member knows before it proposes a change of membership. */
export interface ReconfigurationView {
  readonly membership: Membership
  readonly selfId: bigint
  /** etcd's `--strict-reconfig-check`: refuse what could cost the quorum. */
  readonly isStrict: boolean
  /** Wall time. */
  readonly nowMs: number
  /** As `PeerTransport.activeSince`. */
  activeSince(id: bigint): number | undefined
}

/** For how long a peer must have been reachable to be counted on. */
const HEALTHY_AFTER_MS = 5000
/** Of the leader's log, a learner must have this part before it may vote. */
const LEARNER_READY_PART = 0.9

/**
 * What is refused before it is proposed: the change would be legal, and leave the cluster without a
 * quorum. Each throws a StoreError. Source: etcd, server.go and membership/cluster.go.
 */
export function checkMemberAdd(view: ReconfigurationView, member: Member): void {
  const { membership, isStrict } = view
  if (isStrict) {
    if (!member.isLearner && !mayAddVoter(membership)) throw notEnoughStarted()
    const voters = membership.voters
    if (healthyCount(view, voters) < voters.length) throw new StoreError({ code: 'Unhealthy' })
  }
  membership.validate({ kind: 'add', member })
}

export function checkMemberRemove(view: ReconfigurationView, id: bigint): void {
  const { membership, isStrict } = view
  if (isStrict && membership.get(id)?.isLearner !== true) checkVoterRemove(view, id)
  membership.validate({ kind: 'remove', id })
}

function checkVoterRemove(view: ReconfigurationView, id: bigint): void {
  const { voters } = view.membership
  const others = voters.filter((voter) => voter.id !== id)
  if (startedCount(others) < quorum(others.length)) throw notEnoughStarted()
  // One that is down is not part of the working quorum.
  if (id !== view.selfId && view.activeSince(id) === undefined) return
  if (healthyCount(view, voters) - 1 < 1 + Math.floor((voters.length - 1) / 2)) {
    throw new StoreError({ code: 'Unhealthy' })
  }
}

/** Only a leader knows how far a learner is: elsewhere it is refused with `NotLeader`. */
export function checkMemberPromote(
  view: ReconfigurationView,
  id: bigint,
  raft: Pick<RaftStatus, 'id' | 'role' | 'progress'>,
): void {
  const { membership, isStrict } = view
  if (raft.role !== 'leader') throw new StoreError({ code: 'NotLeader' })
  const progressOf = (member: bigint): ProgressStatus | undefined =>
    raft.progress.find((progress) => progress.id === member)
  const learner = progressOf(id)
  const leaderMatch = progressOf(raft.id)?.match ?? 0
  if (learner !== undefined && learner.match < leaderMatch * LEARNER_READY_PART) {
    throw new StoreError({ code: 'LearnerNotReady' })
  }
  const { voters } = membership
  if (isStrict && startedCount(voters) + 1 < quorum(voters.length + 1)) throw notEnoughStarted()
  membership.validate({ kind: 'promote', id })
}

function mayAddVoter({ voters }: Membership): boolean {
  const started = startedCount(voters)
  // A cluster of one, restored from a backup, grows again.
  if (started === 1 && voters.length === 1) return true
  return started >= quorum(voters.length + 1)
}

function healthyCount(view: ReconfigurationView, members: readonly Member[]): number {
  const sinceMs = view.nowMs - HEALTHY_AFTER_MS
  return members.filter(
    ({ id }) => id === view.selfId || (view.activeSince(id) ?? Number.POSITIVE_INFINITY) <= sinceMs,
  ).length
}

const quorum = (count: number): number => Math.floor(count / 2) + 1

/** One that has never run has no name. */
const startedCount = (members: readonly Member[]): number =>
  members.filter(({ name }) => name !== '').length

const notEnoughStarted = (): StoreError => new StoreError({ code: 'MemberNotEnoughStarted' })
