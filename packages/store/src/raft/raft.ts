import { assert } from './assert.js'
import { NO_MEMBERS } from './conf-change.js'
import { hup, isBoundByLease } from './election.js'
import { applyConfChange, maybeLeaveJoint } from './membership.js'
import { propose } from './proposal.js'
import { decidesAlone } from './quorum.js'
import { onReadRequest } from './read-only.js'
import { broadcastAppends, onOwnAppend, onSnapshotSent, onUnreachable } from './replication.js'
import { becomeFollower } from './role.js'
import { RaftState } from './state.js'
import { forwardToLeader, startTransfer, step } from './step.js'
import { tick } from './tick.js'
import {
  type ConfChange,
  type EntryType,
  type HardState,
  type Message,
  NOBODY,
  type NodeId,
  type RaftConfig,
  type RaftNode,
  type RaftStatus,
  type Ready,
  type SnapshotMetadata,
  type SoftState,
} from './types.js'

/** Raft's core of one member, as it was left in `config`; a follower until time passes. */
export function createRaft(config: RaftConfig): RaftNode {
  const raft = new RaftState(config)
  raft.conf = config.snapshot.confState ?? NO_MEMBERS
  // Without leases nobody counts on a member that was restarted.
  becomeFollower(raft, raft.term, NOBODY)
  return new Node(raft)
}

class Node implements RaftNode {
  private softState: SoftState = { leader: NOBODY, role: 'follower' }
  private hardState: HardState
  /** Handed out, and not advanced. */
  private underWay: Ready | undefined
  /** Our own votes in it, which count once they are durable. */
  private toSelf: readonly Message[] = []

  constructor(private readonly raft: RaftState) {
    this.hardState = raft.config.hardState
  }

  tick(): void {
    tick(this.raft)
  }

  step(message: Message): void {
    step(this.raft, message)
  }

  propose(data: Uint8Array) {
    return propose(this.raft, 'EntryNormal', data)
  }

  proposeConfChange(type: EntryType, data: Uint8Array) {
    return propose(this.raft, type, data)
  }

  applyConfChange(change: ConfChange | undefined) {
    return applyConfChange(this.raft, change)
  }

  readIndex(context: Uint8Array): void {
    const { raft } = this
    const entries = [{ type: 'EntryNormal', term: 0, index: 0, data: context }] as const
    const request: Message = { type: 'MsgReadIndex', to: raft.id, from: raft.id, term: 0, entries }
    if (raft.role === 'leader') onReadRequest(raft, request)
    else forwardToLeader(raft, request)
  }

  campaign(): void {
    const { raft } = this
    if (isBoundByLease(raft) && !decidesAlone(raft.conf, raft.id)) return
    hup(raft, raft.config.preVote ? 'preVote' : 'vote')
  }

  transferLeadership(to: NodeId): void {
    const { raft } = this
    if (raft.role === 'leader') startTransfer(raft, to)
    else forwardToLeader(raft, { type: 'MsgTransferLeader', to: raft.id, from: to, term: 0 })
  }

  reportUnreachable(id: NodeId): void {
    onUnreachable(this.raft, id)
  }

  reportSnapshot(id: NodeId, isDelivered: boolean): void {
    onSnapshotSent(this.raft, id, isDelivered)
  }

  hasReady(): boolean {
    const { raft } = this
    if (this.underWay !== undefined) return false
    return (
      raft.log.hasUnstable ||
      raft.log.hasCommitted ||
      raft.log.pendingSnapshot !== undefined ||
      raft.isBroadcastDue ||
      raft.messages.length > 0 ||
      raft.messagesAfterPersist.length > 0 ||
      raft.readStates.length > 0 ||
      this.changedHardState() !== undefined ||
      this.changedSoftState() !== undefined
    )
  }

  ready(): Ready {
    const { raft } = this
    assert(this.underWay === undefined, () => 'the last Ready has not been advanced')
    if (raft.isBroadcastDue) broadcastAppends(raft)
    raft.reads.closeRound()
    const softState = this.changedSoftState()
    const hardState = this.changedHardState()
    const entries = raft.log.takeUnstable()
    const snapshot = raft.log.pendingSnapshot
    const committedEntries = raft.log.takeCommitted(raft.config.maxCommittedBytes)
    const isTermOrVoteNew =
      hardState !== undefined &&
      (hardState.term !== this.hardState.term || hardState.vote !== this.hardState.vote)
    // A member that forgot that a configuration was committed could elect itself with an older one.
    const isConfNew = committedEntries.some(({ type }) => type !== 'EntryNormal')
    this.underWay = {
      softState,
      hardState,
      readStates: raft.readStates,
      entries,
      snapshot,
      committedEntries,
      messages: raft.messages,
      messagesAfterPersist: this.takeForOthers(),
      mustSync: entries.length > 0 || snapshot !== undefined || isTermOrVoteNew || isConfNew,
    }
    raft.messages = []
    raft.readStates = []
    this.softState = softState ?? this.softState
    this.hardState = hardState ?? this.hardState
    return this.underWay
  }

  private takeForOthers(): readonly Message[] {
    const { raft } = this
    const all = raft.messagesAfterPersist
    raft.messagesAfterPersist = []
    this.toSelf = all.filter(({ to }) => to === raft.id)
    return this.toSelf.length === 0 ? all : all.filter(({ to }) => to !== raft.id)
  }

  advance(): void {
    const { raft, underWay, toSelf } = this
    assert(underWay !== undefined, () => 'there is no Ready to advance')
    this.underWay = undefined
    this.toSelf = []
    raft.log.written()
    if (underWay.snapshot) raft.log.restored(underWay.snapshot)
    onOwnAppend(raft)
    for (const message of toSelf) step(raft, message)
  }

  appliedTo(index: number): void {
    this.raft.log.appliedTo(index)
    maybeLeaveJoint(this.raft)
  }

  compact(index: number): void {
    this.raft.log.compact(index)
  }

  setSnapshot(snapshot: SnapshotMetadata): void {
    this.raft.offeredSnapshot = snapshot
  }

  termOf(index: number): number | undefined {
    return this.raft.log.termOf(index)
  }

  private changedSoftState(): SoftState | undefined {
    const { leader, role } = this.raft
    if (leader === this.softState.leader && role === this.softState.role) return undefined
    return { leader, role }
  }

  private changedHardState(): HardState | undefined {
    const { term, config, log } = this.raft
    const vote = config.unsafe?.forgetVote ? NOBODY : this.raft.vote
    const last = this.hardState
    if (term === last.term && vote === last.vote && log.commit === last.commit) return undefined
    return { term, vote, commit: log.commit }
  }

  get term(): number {
    return this.raft.term
  }

  get firstIndex(): number {
    return this.raft.log.firstIndex
  }

  get status(): RaftStatus {
    const { id, term, vote, log, leader, role, leadTransferee, conf, progress } = this.raft
    return {
      id,
      term,
      vote,
      commit: log.commit,
      applied: log.applied,
      lastIndex: log.lastIndex,
      firstIndex: log.firstIndex,
      leader,
      role,
      leadTransferee,
      confState: conf,
      progress: Array.from(progress.values(), ({ status }) => status),
    }
  }
}
