import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { ProposalRefusal } from '../raft/types.js'
import type { GoneSignal } from '../rpc/etcd-server.js'
import { type Author, type Command, encodeCommand, NOBODY_ASKS } from './command.js'

interface Pending {
  readonly id: bigint
  readonly data: Uint8Array
  readonly command: Command
  readonly author: Author
  readonly startedMs: number
  /** Not taken by the core yet: there was no leader, or it was handing over. */
  isWaiting: boolean
  settle: ((answer: unknown, error: unknown) => void) | undefined
}

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

/**
 * What this member proposed and has not seen applied. A command that was committed here is found by
 * the very bytes that were proposed, so that the leader decodes nothing; one that came back through
 * the leader is found by its id.
 */
export class Proposals {
  readonly #options: ProposalsOptions
  /** In the order in which they were made, and so in which they time out. */
  readonly #byId = new Map<bigint, Pending>()
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
    return new Promise<T>((resolve, reject) => {
      const pending: Pending = {
        id,
        data,
        command,
        author,
        startedMs: clock.now(),
        isWaiting: false,
        settle(answer, error) {
          signal?.removeEventListener('abort', onAbort)
          if (error === undefined) resolve(answer as T)
          else reject(error)
        },
      }
      const onAbort = () => this.#drop(pending, new StoreError({ code: 'Canceled' }))
      this.#byId.set(id, pending)
      this.#byData.set(data, pending)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#offer(pending)
      this.#setSweep()
    })
  }

  /** The command that these bytes of a committed entry are, if it was proposed here. */
  take(data: Uint8Array): OwnCommand | undefined {
    const pending = this.#byData.get(data)
    return pending === undefined ? undefined : this.#own(pending)
  }

  takeById(id: bigint): OwnCommand | undefined {
    const pending = this.#byId.get(id)
    return pending === undefined ? undefined : this.#own(pending)
  }

  #own(pending: Pending): OwnCommand {
    this.#forget(pending)
    const { settle } = pending
    return {
      command: pending.command,
      author: pending.author,
      resolve: (answer) => settle?.(answer, undefined),
      reject: (error) => settle?.(undefined, error),
    }
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

  #drop(pending: Pending, error: StoreError): void {
    if (!this.#byId.has(pending.id)) return
    this.#forget(pending)
    this.#options.onFailed()
    pending.settle?.(undefined, error)
    pending.settle = undefined
  }

  #forget(pending: Pending): void {
    this.#byId.delete(pending.id)
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
