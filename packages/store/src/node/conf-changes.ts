import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { EntryType, ProposalRefusal } from '../raft/types.js'

export interface ConfChangesOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly propose: (type: EntryType, data: Uint8Array) => ProposalRefusal | undefined
}

interface Waiter {
  readonly timer: Timer
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Changes of membership that were proposed here. */
export class ConfChanges {
  readonly #options: ConfChangesOptions
  readonly #waiters = new Map<bigint, Waiter>()
  #isClosed = false

  constructor(options: ConfChangesOptions) {
    this.#options = options
  }

  /** Resolves when the change with this id has been applied here. */
  propose(id: bigint, type: EntryType, data: Uint8Array): Promise<void> {
    if (this.#isClosed) return Promise.reject(new StoreError({ code: 'Closed' }))
    const refusal = this.#options.propose(type, data)
    if (refusal === 'changeInProgress') {
      return Promise.reject(new StoreError({ code: 'Unhealthy' }))
    }
    if (refusal !== undefined) return Promise.reject(new StoreError({ code: 'NoLeader' }))
    const { clock, timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(timeoutMs, () => {
        this.settle(id, new StoreError({ code: 'Timeout' }))
      })
      this.#waiters.set(id, { timer, resolve, reject })
    })
  }

  settle(id: bigint, error: StoreError | undefined): void {
    const waiter = this.#waiters.get(id)
    if (waiter === undefined) return
    this.#waiters.delete(id)
    waiter.timer.cancel()
    if (error === undefined) waiter.resolve()
    else waiter.reject(error)
  }

  close(): void {
    this.#isClosed = true
    for (const id of [...this.#waiters.keys()]) {
      this.settle(id, new StoreError({ code: 'Closed' }))
    }
  }
}
