import { Inflights } from './inflights.js'
import type { NodeId, ProgressStatus } from './types.js'

export interface FlowLimits {
  readonly maxInflightMessages: number
  readonly maxInflightBytes: number
}

/**
 * How far a member is, as its leader sees it:
 *
 *            ┌──── accepted ────▶ replicate: optimistic, many messages under way
 *   probe ───┤ ◀──── rejected, unreachable ────┘
 *   one      └─ needs what is compacted ─▶ snapshot: nothing is sent until it is done
 *   message    ◀──── sent, or failed ────────┘
 *   at a time
 *
 * Always: match < next.
 */
export class Progress {
  /** The last entry that is known to be durable there, equal to ours. */
  match = 0
  /** The next entry to send. */
  next: number
  state: ProgressStatus['state'] = 'probe'
  /** The snapshot that is on its way. */
  pendingSnapshot = 0
  /** The highest commit index that it was told. */
  sentCommit = 0
  /** Nothing is sent until an answer, or a heartbeat's answer, shows that it may help. */
  isFlowPaused = false
  isRecentlyActive = false
  isLearner: boolean
  /**
   * The last heartbeat it answered: which round of reads, sent at which of the leader's ticks, and
   * what it said to be committed.
   */
  ackedRound = 0
  ackedCommit = 0
  ackedTick = Number.NEGATIVE_INFINITY
  readonly inflights: Inflights

  constructor(
    readonly id: NodeId,
    next: number,
    isLearner: boolean,
    limits: FlowLimits,
  ) {
    this.next = next
    this.isLearner = isLearner
    this.inflights = new Inflights(limits.maxInflightMessages, limits.maxInflightBytes)
  }

  get isPaused(): boolean {
    return this.state === 'snapshot' || this.isFlowPaused
  }

  private become(state: ProgressStatus['state']): void {
    this.state = state
    this.isFlowPaused = false
    this.pendingSnapshot = 0
    this.inflights.clear()
  }

  becomeProbe(): void {
    // A snapshot that arrived is not probed for again.
    const next = Math.max(this.match, this.pendingSnapshot) + 1
    this.become('probe')
    this.next = next
    this.sentCommit = Math.min(this.sentCommit, next - 1)
  }

  becomeReplicate(): void {
    this.become('replicate')
    this.next = this.match + 1
  }

  becomeSnapshot(index: number): void {
    this.become('snapshot')
    this.pendingSnapshot = index
    this.next = index + 1
    this.sentCommit = index
  }

  /** Notes entries that are being sent, `next` being the first of them. */
  sent(entries: number, bytes: number): void {
    if (this.state === 'probe') {
      if (entries > 0) this.isFlowPaused = true
      return
    }
    if (entries > 0) {
      this.next += entries
      this.inflights.add(this.next - 1, bytes)
    }
    // A message into a full window is a probe too: wait for a sign that the window still moves.
    this.isFlowPaused = this.inflights.isFull
  }

  /** It has everything up to `index`. False when that is no news. */
  accepted(index: number): boolean {
    if (index <= this.match) return false
    this.match = index
    this.next = Math.max(this.next, index + 1)
    this.isFlowPaused = false
    return true
  }

  /**
   * It refused entries after `index`; `agreement` is where its log may begin to agree with ours.
   * False for an old answer that says nothing any more.
   */
  rejected(index: number, agreement: number): boolean {
    if (this.state === 'replicate') {
      if (index <= this.match) return false
      this.next = this.match + 1
      this.sentCommit = Math.min(this.sentCommit, this.next - 1)
      return true
    }
    // A probe asks one question at a time: any other answer is an old one.
    if (this.next - 1 !== index) return false
    this.next = Math.max(Math.min(index, agreement + 1), this.match + 1)
    this.sentCommit = Math.min(this.sentCommit, this.next - 1)
    this.isFlowPaused = false
    return true
  }

  /** Whether an empty message would tell it of a higher commit index. */
  isBehindCommit(commit: number): boolean {
    return commit > this.sentCommit && this.sentCommit < this.next - 1
  }

  get status(): ProgressStatus {
    const { id, state, match, next, isLearner, isRecentlyActive, isPaused } = this
    return { id, state, match, next, isLearner, isRecentlyActive, isPaused }
  }
}
