import type { Key } from '../client/key-range.js'
import type { LeaseId } from '../client/store-client.js'
import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { StoreLimits } from '../limits.js'
import { ExpiryQueue } from './expiry-queue.js'

/** The longest that a timer is set for; timers of a longer delay fire at once in Node. */
const TIMER_DELAY_MS_MAX = 0x7fff_ffff

export interface Lease {
  readonly id: LeaseId
  readonly ttlSeconds: number
  /** On the store's clock. */
  expiryMs: number
  readonly keys: Set<Key>
}

export interface LessorOptions {
  readonly clock: Clock
  readonly limits: StoreLimits
  /**
   * Called when a lease has run out; whoever is called revokes it. The lessor does not do so
   * itself, since in a cluster a revocation has to be agreed upon first.
   */
  readonly onExpired: (id: LeaseId) => void
}

/** The leases: how long they have, and which keys hang on them. */
export class Lessor {
  readonly #options: LessorOptions
  readonly #leases = new Map<LeaseId, Lease>()
  readonly #expiries = new ExpiryQueue<Lease>()
  #timer: Timer | undefined
  #timerDueMs = Number.POSITIVE_INFINITY

  constructor(options: LessorOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#leases.size
  }

  ids(): LeaseId[] {
    return [...this.#leases.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  }

  find(id: LeaseId): Lease | undefined {
    return this.#leases.get(id)
  }

  get(id: LeaseId): Lease {
    const lease = this.#leases.get(id)
    if (lease === undefined) throw new StoreError({ code: 'LeaseNotFound' })
    return lease
  }

  grant(id: LeaseId, askedTtlSeconds: number): Lease {
    const { clock, limits } = this.#options
    if (askedTtlSeconds > limits.leaseTtlSecondsMax) {
      throw new StoreError({ code: 'LeaseTtlTooLarge' })
    }
    if (this.#leases.has(id)) throw new StoreError({ code: 'LeaseExists' })
    const ttlSeconds = Math.max(Math.floor(askedTtlSeconds), limits.leaseTtlSecondsMin)
    const lease = {
      id,
      ttlSeconds,
      expiryMs: clock.now() + ttlSeconds * 1000,
      keys: new Set<Key>(),
    }
    this.#leases.set(id, lease)
    this.#expiries.push(lease.expiryMs, lease)
    this.#setTimer()
    return lease
  }

  /** Ends the lease and answers its keys, in order. */
  revoke(id: LeaseId): readonly Key[] {
    const lease = this.get(id)
    this.#leases.delete(id)
    return [...lease.keys].sort()
  }

  /** Starts its time anew. */
  renew(id: LeaseId): Lease {
    const lease = this.get(id)
    const now = this.#options.clock.now()
    // Ended by the clock, though its revocation is still on its way.
    if (lease.expiryMs <= now) throw new StoreError({ code: 'LeaseNotFound' })
    lease.expiryMs = now + lease.ttlSeconds * 1000
    return lease
  }

  remainingSeconds(lease: Lease): number {
    return Math.floor((lease.expiryMs - this.#options.clock.now()) / 1000)
  }

  attach(key: Key, id: LeaseId): void {
    this.get(id).keys.add(key)
  }

  detach(key: Key, id: LeaseId): void {
    this.#leases.get(id)?.keys.delete(key)
  }

  close(): void {
    this.#timer?.cancel()
  }

  /** One timer, for the lease that may end first. */
  #setTimer(): void {
    const dueMs = this.#expiries.firstMs
    if (dueMs === undefined || dueMs >= this.#timerDueMs) return
    this.#timer?.cancel()
    this.#timerDueMs = dueMs
    const delayMs = Math.min(Math.max(dueMs - this.#options.clock.now(), 0), TIMER_DELAY_MS_MAX)
    this.#timer = this.#options.clock.setTimer(delayMs, () => this.#expire())
  }

  #expire(): void {
    const { clock, limits, onExpired } = this.#options
    this.#timerDueMs = Number.POSITIVE_INFINITY
    const now = clock.now()
    for (let ended = 0; ended < limits.leaseExpiriesPerSlice; ) {
      const lease = this.#expiries.popUntil(now)
      if (lease === undefined) break
      if (this.#leases.get(lease.id) !== lease) continue
      if (lease.expiryMs > now) {
        // Renewed since it was queued: renewing is frequent and does not touch the queue.
        this.#expiries.push(lease.expiryMs, lease)
        continue
      }
      ended++
      onExpired(lease.id)
    }
    this.#setTimer()
  }
}
