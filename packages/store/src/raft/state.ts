import { NO_MEMBERS } from './conf-change.js'
import { RaftLog } from './log.js'
import type { FlowLimits, Progress } from './progress.js'
import { ReadQueue } from './read-queue.js'
import {
  type ConfState,
  type Message,
  NOBODY,
  type NodeId,
  type RaftConfig,
  type ReadState,
  type Role,
  type SnapshotMetadata,
} from './types.js'

/** What sending takes care of: the sender, and the term unless the message brings its own. */
export type Outgoing = Omit<Message, 'from' | 'term'> & {
  readonly from?: NodeId
  readonly term?: number
}

/**
 * A member's whole state. The files beside this one hold its rules, one concern each; each of them
 * changes this state and fills its outbox.
 */
export class RaftState {
  readonly id: NodeId
  readonly limits: FlowLimits
  readonly log: RaftLog

  term: number
  vote: NodeId
  role: Role = 'follower'
  leader: NodeId = NOBODY

  conf: ConfState = NO_MEMBERS
  /** Everybody in `conf`, ourselves included; only a leader keeps it up to date. */
  progress: Map<NodeId, Progress> = new Map()
  /** Who answered our (pre-)candidacy, and how. */
  votes: Map<NodeId, boolean> = new Map()

  /** Ticks since the last sign of a leader, or as leader since the last quorum check. */
  electionElapsedTicks = 0
  heartbeatElapsedTicks = 0
  /** Drawn anew for every term, so that candidates seldom meet twice (paper, 5.2). */
  electionTimeoutTicks = 0
  /** Since a leader was heard of, whatever happened meanwhile: what its lease rests on. */
  ticksSinceLeader = 0
  /** Since we became leader. */
  leaderTicks = 0

  /** Whom the leader hands over to. */
  leadTransferee: NodeId = NOBODY
  /** A member was told to campaign at once, so that no lease can be trusted for the rest of the term. */
  isLeaseForfeited = false
  /** The last change of membership in the log; until it is applied no other one is taken. */
  pendingConfIndex = 0
  /** Once we lead without being a voter: what the voters have to know as committed before we stop. */
  retiresAt: number | undefined
  /** Data of the entries above `log.commit`, counted by the leader. */
  uncommittedBytes = 0
  /** Followers are to hear of new entries or of a new commit index, with the next Ready. */
  isBroadcastDue = false

  readonly reads = new ReadQueue()
  /** What lagging followers are sent. */
  offeredSnapshot: SnapshotMetadata

  messages: Message[] = []
  messagesAfterPersist: Message[] = []
  readStates: ReadState[] = []

  constructor(readonly config: RaftConfig) {
    this.id = config.id
    this.limits = config
    this.term = config.hardState.term
    this.vote = config.hardState.vote
    this.log = new RaftLog({
      snapshot: config.snapshot,
      entries: config.entries,
      commit: config.hardState.commit,
      applied: config.applied,
    })
    this.offeredSnapshot = config.snapshot
  }

  send(message: Outgoing): void {
    this.messages.push({ term: this.term, from: this.id, ...message })
  }

  /** For what promises, or claims, something that must be durable before anybody hears of it. */
  sendAfterPersist(message: Outgoing): void {
    this.messagesAfterPersist.push({ term: this.term, from: this.id, ...message })
  }

  /** Ourselves as a member; undefined when we are not one. */
  get self(): Progress | undefined {
    return this.progress.get(this.id)
  }

  /** Whether the leader's term has a committed entry: before that it cannot know what is committed. */
  get hasCommittedInTerm(): boolean {
    return this.log.termOf(this.log.commit) === this.term
  }
}
