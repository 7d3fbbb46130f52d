import type { Message } from './types.js'

export interface PendingRead {
  readonly request: Message
  /** The commit index when it was asked for. */
  readonly index: number
  /** The round of heartbeats that confirms it. */
  readonly round: number
}

/**
 * The reads that a leader cannot answer yet (thesis, 6.4): those asked for before it committed an
 * entry of its own term, and those whose round of heartbeats is under way. A round confirms every
 * read that was asked for before its heartbeats left; confirming one confirms all before it.
 */
export class ReadQueue {
  private pending: PendingRead[] = []
  /** Asked for before the leader's first commit. */
  private early: Message[] = []
  round = 0
  /** The current round's heartbeats have not left: more reads may share them. */
  private isRoundOpen = false

  get isFull(): boolean {
    return this.pending.length + this.early.length >= READS_MAX
  }

  get hasPending(): boolean {
    return this.pending.length > 0
  }

  postpone(request: Message): void {
    this.early.push(request)
  }

  takePostponed(): readonly Message[] {
    const early = this.early
    this.early = []
    return early
  }

  /** Answers whether a new round of heartbeats has to be sent. */
  add(request: Message, index: number): boolean {
    const isNewRound = !this.isRoundOpen
    if (isNewRound) this.round++
    this.isRoundOpen = true
    this.pending.push({ request, index, round: this.round })
    return isNewRound
  }

  closeRound(): void {
    this.isRoundOpen = false
  }

  takeConfirmed(round: number): readonly PendingRead[] {
    const firstOpen = this.pending.findIndex((read) => read.round > round)
    return this.pending.splice(0, firstOpen < 0 ? this.pending.length : firstOpen)
  }

  clear(): void {
    this.pending = []
    this.early = []
    this.round = 0
    this.isRoundOpen = false
  }
}

/** Reads beyond it are dropped; whoever asked asks again. */
const READS_MAX = 10_000
