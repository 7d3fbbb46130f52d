import type { Clock, Timer } from '../clock.js'
import type { PeerTransport } from '../peer/transport.js'
import type {
  Entry,
  EntryType,
  Message,
  ProposalRefusal,
  RaftNode,
  RaftStatus,
  ReadState,
  Ready,
  Snapshot,
  SoftState,
} from '../raft/types.js'
import type { Wal } from '../wal/types.js'

/** What a member does with what the core decides. Nothing here may wait, but for `restore`. */
export interface RaftLoopHandler {
  /** Applies committed entries, in order. */
  apply(entries: readonly Entry[]): void
  /** The core knows of it. */
  onApplied(entries: readonly Entry[]): void
  /** Replaces the state by the one that came with this snapshot (it is stored already). */
  restore(snapshot: Snapshot): Promise<void>
  onReadStates(states: readonly ReadState[]): void
  onSoftState(state: SoftState): void
  /** Last look at what is sent: a MsgSnap gets the state that travels with it. */
  beforeSend(messages: readonly Message[]): readonly Message[]
  /** The log can't be written, or contradicts what a peer says: this member must stop. */
  onFailure(error: unknown): void
}

export interface RaftLoopOptions {
  readonly raft: RaftNode
  readonly wal: Wal
  readonly transport: PeerTransport
  readonly clock: Clock
  readonly tickMs: number
  readonly handler: RaftLoopHandler
}

/**
 * The only loop: Ready → (persist ∥ send) → apply → advance. One Ready at a time: what is proposed
 * while the log is being written goes with the next one, which is what makes group commits.
 */
export class RaftLoop {
  readonly #options: RaftLoopOptions
  readonly #raft: RaftNode
  #timer: Timer | undefined
  #isScheduled = false
  /** A Ready is being worked on. */
  #isBusy = false
  #state: 'open' | 'failed' | 'closed' = 'open'
  #onIdle: (() => void) | undefined

  constructor(options: RaftLoopOptions) {
    this.#options = options
    this.#raft = options.raft
    this.#setTimer()
    this.#schedule()
  }

  get status(): RaftStatus {
    return this.#raft.status
  }

  get term(): number {
    return this.#raft.term
  }

  termOf(index: number): number | undefined {
    return this.#raft.termOf(index)
  }

  propose(data: Uint8Array): ProposalRefusal | undefined {
    return this.#then(this.#raft.propose(data))
  }

  proposeConfChange(type: EntryType, data: Uint8Array): ProposalRefusal | undefined {
    return this.#then(this.#raft.proposeConfChange(type, data))
  }

  readIndex(context: Uint8Array): void {
    this.#then(this.#raft.readIndex(context))
  }

  step(message: Message): void {
    if (this.#state !== 'open') return
    try {
      this.#then(this.#raft.step(message))
    } catch (error) {
      this.#fail(error)
    }
  }

  campaign(): void {
    this.#then(this.#raft.campaign())
  }

  transferLeadership(to: bigint): void {
    this.#then(this.#raft.transferLeadership(to))
  }

  reportUnreachable(id: bigint): void {
    if (this.#state === 'open') this.#then(this.#raft.reportUnreachable(id))
  }

  reportSnapshot(id: bigint, isDelivered: boolean): void {
    if (this.#state === 'open') this.#then(this.#raft.reportSnapshot(id, isDelivered))
  }

  /** Stops taking anything, and waits for the Ready that is under way. */
  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closed'
    this.#timer?.cancel()
    if (!this.#isBusy) return
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
  }

  #then<T>(answer: T): T {
    this.#schedule()
    return answer
  }

  /** At the end of this turn's work: what comes together is written together. */
  #schedule(): void {
    if (this.#isScheduled || this.#isBusy) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      while (this.#state === 'open' && this.#raft.hasReady())
        await this.#process(this.#raft.ready())
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#isBusy = false
      this.#onIdle?.()
    }
  }

  /** What must not be, or what the disk refuses, is the end of this member, and not of its process. */
  #fail(error: unknown): void {
    if (this.#state === 'failed') return
    this.#state = 'failed'
    this.#timer?.cancel()
    this.#options.handler.onFailure(error)
  }

  async #process(ready: Ready): Promise<void> {
    const { wal, transport, handler } = this.#options
    const { hardState, entries, committedEntries, messagesAfterPersist } = ready
    if (ready.softState !== undefined) handler.onSoftState(ready.softState)
    if (ready.snapshot?.metadata !== undefined) await wal.saveSnapshot(ready.snapshot.metadata)
    const saved =
      hardState !== undefined || entries.length > 0
        ? wal.save(hardState, entries, ready.mustSync)
        : undefined
    if (ready.messages.length > 0) transport.send(handler.beforeSend(ready.messages))
    // Meanwhile the disk works.
    saved?.catch(() => {
      // A rejection is taken below; until then somebody must hold it.
    })
    if (ready.snapshot !== undefined) await handler.restore(ready.snapshot)
    if (committedEntries.length > 0) {
      handler.apply(committedEntries)
      this.#raft.appliedTo((committedEntries.at(-1) as Entry).index)
      handler.onApplied(committedEntries)
    }
    if (saved !== undefined) await saved
    if (messagesAfterPersist.length > 0) transport.send(handler.beforeSend(messagesAfterPersist))
    // Last: what it releases may well be asked for in the same turn as the next Ready.
    if (ready.readStates.length > 0) handler.onReadStates(ready.readStates)
    this.#raft.advance()
  }

  #setTimer(): void {
    const { clock, tickMs } = this.#options
    this.#timer = clock.setTimer(tickMs, () => {
      if (this.#state !== 'open') return
      try {
        this.#then(this.#raft.tick())
        this.#setTimer()
      } catch (error) {
        this.#fail(error)
      }
    })
  }
}
