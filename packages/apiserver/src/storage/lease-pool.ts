import type { Clock } from '@miniplane/api'
import type { LeaseId, StoreClient } from '@miniplane/store'

/** Objects written within this time share a lease: they go together, a little later at most. */
const SHARED_FOR_MS = 60_000

/** Leases for objects that expire, one for many, since a lease costs more than a key. */
export class LeasePool {
  readonly #store: StoreClient
  readonly #clock: Clock
  #shared: { readonly id: LeaseId; readonly untilMs: number } | undefined

  constructor(store: StoreClient, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** A lease that ends no sooner than `ttlSeconds` from now. */
  async lease(ttlSeconds: number): Promise<LeaseId> {
    const now = this.#clock.now()
    if (this.#shared && now < this.#shared.untilMs) return this.#shared.id
    const { id } = await this.#store.leaseGrant({
      ttlSeconds: ttlSeconds + SHARED_FOR_MS / 1000,
    })
    this.#shared = { id, untilMs: now + SHARED_FOR_MS }
    return id
  }
}
