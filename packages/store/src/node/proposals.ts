import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { ProposalRefusal } from '../raft/types.js'
import type { GoneSignal } from '../rpc/etcd-server.js'
import { type Author, type Command, encodeCommand, NOBODY_ASKS } from './command.js'

/** A committed command that was proposed here. */
export interface OwnCommand {
  readonly command: Command
  readonly author: Author
  resolve(answer: unknown): void
  reject(error: unknown): void
}

export interface ProposalsOptions {
  readonly clock: Clock
  readonly nextId: () => bigint
  readonly propose: (data: Uint8Array) => ProposalRefusal | undefined
  /** Longest wait for a proposal to be applied. */
  readonly timeoutMs: number
  /** Why a proposal of this age was not applied in time. */
  readonly timeoutError: (startedMs: number) => StoreError
  /** Proposals under way at once, and bytes of one. */
  readonly pendingMax: number
  readonly requestBytesMax: number
  readonly onFailed: () => void
}

const SWEEP_MS = 250

class Pending implements OwnCommand {
  readonly id: bigint
  readonly data: Uint8Array
  readonly command: Command
  readonly author: Author
  readonly startedMs: number
  readonly #resolve: (answer: unknown) => void
  readonly #reject: (error: unknown) => void
  #signal: GoneSignal | undefined
  #onGone: (() => void) | undefined
  /** Not taken by the core yet: there was no leader, or it was handing over. */
  isWaiting = false

  constructor(
    what: Pick<Pending, 'id' | 'data' | 'command' | 'author' | 'startedMs'>,
    resolve: (answer: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.id = what.id
    this.data = what.data
    this.command = what.command
    this.author = what.author
    this.startedMs = what.startedMs
    this.#resolve = resolve
    this.#reject = reject
  }

  dropWhen(signal: GoneSignal, onGone: () => void): void {
    this.#signal = signal
    this.#onGone = onGone
    signal.addEventListener('abort', onGone, { once: true })
  }

  resolve(answer: unknown): void {
    this.#settle()
    this.#resolve(answer)
  }

  reject(error: unknown): void {
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    if (this.#onGone === undefined) return
    this.#signal?.removeEventListener('abort', this.#onGone)
    this.#onGone = undefined
  }
}

/**
 * What this member proposed and has not seen applied. A command that was committed here is found by
 * the very bytes that were proposed, so that the leader decodes nothing; one that came back through
 * the leader is found by its id.
 */
export class Proposals {
  readonly #options: ProposalsOptions
  /** By the low half of their ids, in the order in which they were made, and so in which they time out. */
  readonly #byId = new Map<number, Pending>()
  readonly #byData = new Map<Uint8Array, Pending>()
  #sweep: Timer | undefined
  #isClosed = false

  constructor(options: ProposalsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#byId.size
  }

  /**
   * Proposes and answers what applying it answered. Rejects with what applying it threw; with
   * `Timeout` when that is not known in time: then it may still be applied, later.
   */
  propose<T>(command: Command, author: Author = NOBODY_ASKS, signal?: GoneSignal): Promise<T> {
    const { clock, nextId, pendingMax, requestBytesMax } = this.#options
    if (this.#isClosed) return Promise.reject(new StoreError({ code: 'Closed' }))
    if (this.#byId.size >= pendingMax) {
      return Promise.reject(new StoreError({ code: 'TooManyRequests' }))
    }
    const id = nextId()
    const data = encodeCommand(command, id, author)
    if (data.length > requestBytesMax) {
      return Promise.reject(new StoreError({ code: 'RequestTooLarge' }))
    }
    return new Promise<unknown>((resolve, reject) => {
      const what = { id, data, command, author, startedMs: clock.now() }
      const pending = new Pending(what, resolve, reject)
      this.#byId.set(lowHalf(id), pending)
      this.#byData.set(data, pending)
      if (signal !== undefined) {
        pending.dropWhen(signal, () => this.#drop(pending, new StoreError({ code: 'Canceled' })))
      }
      this.#offer(pending)
      this.#setSweep()
    }) as Promise<T>
  }

  /** The command that these bytes of a committed entry are, if it was proposed here. */
  take(data: Uint8Array): OwnCommand | undefined {
    const pending = this.#byData.get(data)
    if (pending !== undefined) this.#forget(pending)
    return pending
  }

  takeById(id: bigint): OwnCommand | undefined {
    const pending = this.#byId.get(lowHalf(id))
    if (pending?.id !== id) return undefined
    this.#forget(pending)
    return pending
  }

  /** There is a leader (again): offers it what waits. */
  retry(): void {
    for (const pending of this.#byId.values()) if (pending.isWaiting) this.#offer(pending)
  }

  close(): void {
    this.#isClosed = true
    this.#sweep?.cancel()
    const error = new StoreError({ code: 'Closed' })
    for (const pending of [...this.#byId.values()]) this.#drop(pending, error)
  }

  #offer(pending: Pending): void {
    const refusal = this.#options.propose(pending.data)
    if (refusal === 'removed') this.#drop(pending, new StoreError({ code: 'Closed' }))
    pending.isWaiting = refusal !== undefined
  }

  /** Does nothing to one that is applied, or was dropped before. */
  #drop(pending: Pending, error: StoreError): void {
    if (this.#byData.get(pending.data) !== pending) return
    this.#forget(pending)
    this.#options.onFailed()
    pending.reject(error)
  }

  #forget(pending: Pending): void {
    this.#byId.delete(lowHalf(pending.id))
    this.#byData.delete(pending.data)
  }

  /** One timer for all: a proposal is done in milliseconds, or something is wrong. */
  #setSweep(): void {
    if (this.#sweep !== undefined || this.#isClosed) return
    const { clock, timeoutMs, timeoutError } = this.#options
    this.#sweep = clock.setTimer(SWEEP_MS, () => {
      this.#sweep = undefined
      const now = clock.now()
      for (const pending of this.#byId.values()) {
        if (now - pending.startedMs < timeoutMs) break
        this.#drop(pending, timeoutError(pending.startedMs))
      }
      this.retry()
      if (this.#byId.size > 0) this.#setSweep()
    })
  }
}

/** Ids count up: two with the same one are four thousand million proposals apart. */
const lowHalf = (id: bigint): number => Number(BigInt.asUintN(32, id))
