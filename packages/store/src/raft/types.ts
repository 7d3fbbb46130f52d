/**
 * What goes into the core and what comes out of it: plain data, in the terms of the Raft paper and
 * of etcd's raftpb (whose messages these are, so that they can be sent as they are). This folder
 * imports nothing: no I/O, no timers, no chance.
 */

/** A member's id; never 0, which is "nobody". */
export type NodeId = bigint

export const NOBODY: NodeId = 0n

export type EntryType = 'EntryNormal' | 'EntryConfChange' | 'EntryConfChangeV2'

export interface Entry {
  readonly type: EntryType
  readonly term: number
  /** Counted from 1. */
  readonly index: number
  /** Empty for the entry with which a leader begins its term. Shared: nobody writes to it. */
  readonly data: Uint8Array
}

/** What must survive a crash besides the log. */
export interface HardState {
  readonly term: number
  /** Whom this member voted for in `term`, or `NOBODY`. */
  readonly vote: NodeId
  /** May lag behind on disk: it saves time at the start, nothing else. */
  readonly commit: number
}

/** Who belongs to the cluster. With `votersOutgoing` it is a joint configuration (thesis, 4.3). */
export interface ConfState {
  readonly voters: readonly NodeId[]
  readonly learners: readonly NodeId[]
  /** Of the configuration that is being left; empty outside of a joint one. */
  readonly votersOutgoing: readonly NodeId[]
  /** Voters of the outgoing configuration that become learners when it is left. */
  readonly learnersNext: readonly NodeId[]
  /** Leave the joint configuration by itself once it is committed. */
  readonly autoLeave: boolean
}

export interface SnapshotMetadata {
  readonly confState?: ConfState | undefined
  /** The last entry that the snapshot covers. */
  readonly index: number
  readonly term: number
}

export interface Snapshot {
  /** The core never looks into it. Empty where the state travels apart from the message. */
  readonly data: Uint8Array
  readonly metadata?: SnapshotMetadata | undefined
}

export type MessageType =
  | 'MsgHup'
  | 'MsgBeat'
  | 'MsgProp'
  | 'MsgApp'
  | 'MsgAppResp'
  | 'MsgVote'
  | 'MsgVoteResp'
  | 'MsgSnap'
  | 'MsgHeartbeat'
  | 'MsgHeartbeatResp'
  | 'MsgUnreachable'
  | 'MsgSnapStatus'
  | 'MsgCheckQuorum'
  | 'MsgTransferLeader'
  | 'MsgTimeoutNow'
  | 'MsgReadIndex'
  | 'MsgReadIndexResp'
  | 'MsgPreVote'
  | 'MsgPreVoteResp'

/** raftpb.Message: which fields a type uses stands with the code that handles it. */
export interface Message {
  readonly type: MessageType
  readonly to: NodeId
  readonly from: NodeId
  readonly term: number
  /** The term of the entry at `index`. */
  readonly logTerm?: number | undefined
  readonly index?: number | undefined
  readonly entries?: readonly Entry[] | undefined
  readonly commit?: number | undefined
  readonly snapshot?: Snapshot | undefined
  readonly reject?: boolean | undefined
  readonly rejectHint?: number | undefined
  readonly context?: Uint8Array | undefined
}

export type ConfChangeType =
  | 'ConfChangeAddNode'
  | 'ConfChangeRemoveNode'
  | 'ConfChangeUpdateNode'
  | 'ConfChangeAddLearnerNode'

export interface ConfChangeSingle {
  readonly type: ConfChangeType
  readonly nodeId: NodeId
}

/** A change of membership; more than one change at once goes through a joint configuration. */
export interface ConfChange {
  /**
   * `auto`: joint only if there is more than one change. `jointImplicit`: joint, and left by
   * itself. `jointExplicit`: joint until an empty change is proposed.
   */
  readonly transition: 'auto' | 'jointImplicit' | 'jointExplicit'
  readonly changes: readonly ConfChangeSingle[]
}

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader'

/** What is good to know and need not survive. */
export interface SoftState {
  readonly leader: NodeId
  readonly role: Role
}

/** A read that may be answered as soon as `index` is applied (thesis, 6.4). */
export interface ReadState {
  readonly index: number
  /** What was given to `readIndex()`. */
  readonly context: Uint8Array
}

/**
 * Everything that the core wants done. Do it in this order, then call `advance()`:
 * 1. send `messages` (a leader writes its log while its followers write theirs) and, at the same
 *    time, make `snapshot`, `entries` and `hardState` durable, together;
 * 2. only then send `messagesAfterPersist`: they promise what has just been written;
 * 3. apply `committedEntries` and answer `readStates`. Applying may lag behind: it is reported with
 *    `appliedTo()`.
 */
export interface Ready {
  /** Only when it changed. */
  readonly softState: SoftState | undefined
  /** Only when it changed. */
  readonly hardState: HardState | undefined
  readonly readStates: readonly ReadState[]
  /** To append to the log; they replace what the log has from their first index on. */
  readonly entries: readonly Entry[]
  /** Received from the leader: replaces the state and the log. */
  readonly snapshot: Snapshot | undefined
  readonly committedEntries: readonly Entry[]
  readonly messages: readonly Message[]
  readonly messagesAfterPersist: readonly Message[]
  /** Whether the disk must be synced: not for a commit index alone, unless it changes who votes. */
  readonly mustSync: boolean
}

export interface RaftConfig {
  readonly id: NodeId
  /** Ticks without a leader before an election; the actual timeout is [n, 2n-1] ticks. */
  readonly electionTicks: number
  readonly heartbeatTicks: number
  /** Where chance comes from: a whole number in [0, bound). */
  readonly random: (bound: number) => number
  /** The log as it was found on disk. `entries` follow `snapshot`. */
  readonly hardState: HardState
  readonly snapshot: SnapshotMetadata
  readonly entries: readonly Entry[]
  /** Entries up to here are applied already and not to be handed out again. */
  readonly applied: number
  readonly preVote: boolean
  /** A leader steps down without a quorum; followers in touch with a leader refuse candidates. */
  readonly checkQuorum: boolean
  /** `lease`: a read trusts the leader's lease and the clocks, and asks nobody. */
  readonly readOnly: 'safe' | 'lease'
  /** Bytes of entries in one MsgApp. */
  readonly maxMessageBytes: number
  /** Messages with entries that a follower may have unanswered, and their bytes. */
  readonly maxInflightMessages: number
  readonly maxInflightBytes: number
  /** Proposals beyond it are dropped until some of them commit. */
  readonly maxUncommittedBytes: number
  /** Bytes of committed entries in one Ready. */
  readonly maxCommittedBytes: number
  /** Bugs on purpose. Only for tests that show that a simulation finds them. */
  readonly unsafe?: UnsafeRules | undefined
}

export interface UnsafeRules {
  /** A vote is not written to disk: after a crash the member votes once more in the same term. */
  readonly forgetVote?: boolean
  /** A majority commits entries of earlier terms too (paper, figure 8). */
  readonly commitOldTermsByCount?: boolean
  /** A leader answers reads without asking whether it still is one. */
  readonly readWithoutQuorum?: boolean
}

/** How far a member is, as its leader sees it. */
export interface ProgressStatus {
  readonly id: NodeId
  readonly state: 'probe' | 'replicate' | 'snapshot'
  readonly match: number
  readonly next: number
  readonly isLearner: boolean
  /** Whether it was heard of since the last quorum check. */
  readonly isRecentlyActive: boolean
  readonly isPaused: boolean
}

export interface RaftStatus {
  readonly id: NodeId
  readonly term: number
  readonly vote: NodeId
  readonly commit: number
  readonly applied: number
  readonly lastIndex: number
  readonly firstIndex: number
  readonly leader: NodeId
  readonly role: Role
  readonly leadTransferee: NodeId
  readonly confState: ConfState
  /** Only a leader has it. */
  readonly progress: readonly ProgressStatus[]
}

/** Why a proposal was not taken. It was not written anywhere; propose it again, later. */
export type ProposalRefusal =
  | 'noLeader'
  | 'transferring'
  | 'tooManyUncommitted'
  | 'removed'
  /** A change of membership while another one is under way. */
  | 'changeInProgress'

/** The core, as `node/` drives it. One call at a time; every call returns at once. */
export interface RaftNode {
  /** Time passes: heartbeats and elections follow from it. */
  tick(): void
  /** A message from a member. What is not for this member or this term is dropped. */
  step(message: Message): void
  /** Appends as leader, forwards as follower. Answers why not, or undefined. */
  propose(data: Uint8Array): ProposalRefusal | undefined
  proposeConfChange(type: EntryType, data: Uint8Array): ProposalRefusal | undefined
  /** Call when a committed change of membership is applied, also with one that is refused: then without `change`. */
  applyConfChange(change: ConfChange | undefined): ConfState
  /** Begins a read; its `ReadState` comes with a later Ready, or never (ask again). */
  readIndex(context: Uint8Array): void
  /** Begins an election now, without waiting for the timeout. */
  campaign(): void
  transferLeadership(to: NodeId): void
  reportUnreachable(id: NodeId): void
  /** How the sending of a MsgSnap went. */
  reportSnapshot(id: NodeId, isDelivered: boolean): void
  hasReady(): boolean
  /** What to do now. Until `advance()`, nothing else comes out. */
  ready(): Ready
  /** The last Ready is durable and its messages are on their way. */
  advance(): void
  /** Entries up to `index` are applied. */
  appliedTo(index: number): void
  /** Forgets entries up to `index`, which is applied; followers behind it get a snapshot. */
  compact(index: number): void
  /**
   * What a follower that is too far behind is sent; set it whenever a newer one exists. Its `index`
   * is applied and covered by the state that will travel with it. A member that was just added is
   * sent none that doesn't know it: set one after a change of membership as well.
   */
  setSnapshot(snapshot: SnapshotMetadata): void
  /** All there is to tell; what is asked for often stands beside it. */
  readonly status: RaftStatus
  readonly term: number
  readonly firstIndex: number
  /** Term of an entry that is in the log; undefined when it was compacted or isn't there. */
  termOf(index: number): number | undefined
}
