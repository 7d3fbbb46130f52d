import type { Key } from '../client/key-range.js'
import type { LeaseId } from '../client/store-client.js'
import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { StoreLimits } from '../limits.js'
import { ExpiryQueue } from './expiry-queue.js'

/** The longest that a timer is set for; timers of a longer delay fire at once in Node. */
const TIMER_DELAY_MS_MAX = 0x7fff_ffff

/** A lease as it is kept, the same on every member: without its keys, which name it themselves. */
export interface LeaseState {
  readonly id: LeaseId
  readonly ttlSeconds: number
  /** What was left of it at its last checkpoint; 0: no checkpoint, all of `ttlSeconds`. */
  readonly remainingTtlSeconds: number
}

export interface Lease extends LeaseState {
  remainingTtlSeconds: number
  /** On this member's clock; infinite unless the lessor is promoted. */
  expiryMs: number
  isCheckpointQueued: boolean
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
  /**
   * Called now and then with what is left of a long lease (0: all of it, again), for the members to
   * agree on: a later leader goes on from there. Default: nobody else needs to know.
   */
  readonly onCheckpoint?: ((id: LeaseId, remainingTtlSeconds: number) => void) | undefined
}

/**
 * The leases: how long they have, and which keys hang on them. What is granted, revoked and
 * checkpointed is the same on every member; time passes on the one that is promoted alone.
 */
export class Lessor {
  readonly #options: LessorOptions
  readonly #leases = new Map<LeaseId, Lease>()
  readonly #expiries = new ExpiryQueue<Lease>()
  readonly #checkpoints = new ExpiryQueue<Lease>()
  /** Since the process began. */
  readonly counts = { granted: 0, revoked: 0, renewed: 0 }
  #isPrimary = false
  #timer: Timer | undefined
  #timerDueMs = Number.POSITIVE_INFINITY

  constructor(options: LessorOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#leases.size
  }

  /** Those that end first come first. */
  ids(): LeaseId[] {
    return [...this.#leases.values()].sort(byExpiry).map(({ id }) => id)
  }

  /** What a snapshot keeps of the leases, in order of id. */
  states(): LeaseState[] {
    return [...this.#leases.values()]
      .map(({ id, ttlSeconds, remainingTtlSeconds }) => ({ id, ttlSeconds, remainingTtlSeconds }))
      .sort((a, b) => orderOf(a.id, b.id))
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
    const { limits } = this.#options
    if (id === 0n) throw new StoreError({ code: 'LeaseNotFound' })
    if (askedTtlSeconds > limits.leaseTtlSecondsMax) {
      throw new StoreError({ code: 'LeaseTtlTooLarge' })
    }
    if (this.#leases.has(id)) throw new StoreError({ code: 'LeaseExists' })
    const ttlSeconds = Math.max(Math.floor(askedTtlSeconds), limits.leaseTtlSecondsMin)
    this.counts.granted++
    return this.load({ id, ttlSeconds, remainingTtlSeconds: 0 })
  }

  /** Takes over a lease as it was kept. */
  load({ id, ttlSeconds, remainingTtlSeconds }: LeaseState): Lease {
    const lease: Lease = {
      id,
      ttlSeconds,
      remainingTtlSeconds,
      expiryMs: Number.POSITIVE_INFINITY,
      isCheckpointQueued: false,
      keys: new Set<Key>(),
    }
    this.#leases.set(id, lease)
    if (this.#isPrimary) this.#start(lease)
    return lease
  }

  /** Ends the lease and answers its keys, in order. */
  revoke(id: LeaseId): readonly Key[] {
    const lease = this.get(id)
    this.#leases.delete(id)
    this.counts.revoked++
    return [...lease.keys].sort()
  }

  /** Starts its time anew. Only on a promoted lessor: `NotLeader`. */
  renew(id: LeaseId): Lease {
    if (!this.#isPrimary) throw new StoreError({ code: 'NotLeader' })
    const lease = this.get(id)
    const now = this.#options.clock.now()
    // Ended by the clock, though its revocation is still on its way.
    if (lease.expiryMs <= now) throw new StoreError({ code: 'LeaseNotFound' })
    if (lease.remainingTtlSeconds > 0) this.#options.onCheckpoint?.(id, 0)
    lease.expiryMs = now + lease.ttlSeconds * 1000
    this.counts.renewed++
    return lease
  }

  /** The members have agreed on what is left of it; it may have ended since. */
  checkpoint(id: LeaseId, remainingTtlSeconds: number): void {
    const lease = this.#leases.get(id)
    if (lease === undefined) return
    lease.remainingTtlSeconds = remainingTtlSeconds
    if (this.#isPrimary) this.#queueCheckpoint(lease)
  }

  /** Whole seconds left; all of it where no time passes. */
  remainingSeconds(lease: Lease): number {
    if (lease.expiryMs === Number.POSITIVE_INFINITY) return ttlLeft(lease)
    return Math.floor((lease.expiryMs - this.#options.clock.now()) / 1000)
  }

  /** In place of all leases: the state was replaced. Their keys have to be attached again. */
  restore(states: readonly LeaseState[]): void {
    this.#leases.clear()
    this.#expiries.clear()
    this.#checkpoints.clear()
    for (const state of states) this.load(state)
  }

  attach(key: Key, id: LeaseId): void {
    this.get(id).keys.add(key)
  }

  detach(key: Key, id: LeaseId): void {
    this.#leases.get(id)?.keys.delete(key)
  }

  /**
   * From now on time passes here. Every lease has what its last checkpoint left it, and `extend`
   * more, since whoever was promoted before may have renewed it until now.
   */
  promote(extendSeconds = 0): void {
    this.demote()
    this.#isPrimary = true
    const leases = [...this.#leases.values()]
    for (const lease of leases) lease.expiryMs = this.#expiryOf(lease, extendSeconds)
    spread(leases)
    for (const lease of leases) this.#watch(lease)
  }

  /** No lease ends here any more. */
  demote(): void {
    this.#isPrimary = false
    this.#timer?.cancel()
    this.#timerDueMs = Number.POSITIVE_INFINITY
    this.#expiries.clear()
    this.#checkpoints.clear()
    for (const lease of this.#leases.values()) {
      lease.expiryMs = Number.POSITIVE_INFINITY
      lease.isCheckpointQueued = false
    }
  }

  close(): void {
    this.#timer?.cancel()
  }

  #start(lease: Lease): void {
    lease.expiryMs = this.#expiryOf(lease, 0)
    this.#watch(lease)
  }

  #expiryOf(lease: Lease, extendSeconds: number): number {
    return this.#options.clock.now() + (ttlLeft(lease) + extendSeconds) * 1000
  }

  #watch(lease: Lease): void {
    this.#expiries.push(lease.expiryMs, lease)
    this.#queueCheckpoint(lease)
    this.#setTimer()
  }

  /** Only what lasts longer than the interval is worth one. */
  #queueCheckpoint(lease: Lease): void {
    const { clock, limits, onCheckpoint } = this.#options
    const intervalMs = limits.leaseCheckpointIntervalMs
    if (onCheckpoint === undefined || lease.isCheckpointQueued) return
    if (lease.expiryMs - clock.now() <= intervalMs) return
    lease.isCheckpointQueued = true
    this.#checkpoints.push(clock.now() + intervalMs, lease)
    this.#setTimer()
  }

  /** One timer, for whatever may fall due first. */
  #setTimer(): void {
    const expiryMs = this.#expiries.firstMs ?? Number.POSITIVE_INFINITY
    const checkpointMs = this.#checkpoints.firstMs ?? Number.POSITIVE_INFINITY
    const dueMs = Math.min(expiryMs, checkpointMs)
    if (dueMs >= this.#timerDueMs) return
    this.#timer?.cancel()
    this.#timerDueMs = dueMs
    const delayMs = Math.min(Math.max(dueMs - this.#options.clock.now(), 0), TIMER_DELAY_MS_MAX)
    this.#timer = this.#options.clock.setTimer(delayMs, () => this.#onTimer())
  }

  #onTimer(): void {
    this.#timerDueMs = Number.POSITIVE_INFINITY
    const now = this.#options.clock.now()
    this.#checkpointDue(now)
    this.#expireDue(now)
    this.#setTimer()
  }

  #expireDue(now: number): void {
    const { limits, onExpired } = this.#options
    for (let ended = 0; ended < limits.leaseExpiriesPerSlice; ) {
      const lease = this.#expiries.popUntil(now)
      if (lease === undefined) return
      if (this.#leases.get(lease.id) !== lease) continue
      if (lease.expiryMs > now) {
        // Renewed since it was queued: renewing is frequent and does not touch the queue.
        this.#expiries.push(lease.expiryMs, lease)
        continue
      }
      ended++
      onExpired(lease.id)
    }
  }

  #checkpointDue(now: number): void {
    const { limits, onCheckpoint } = this.#options
    for (let told = 0; told < limits.leaseExpiriesPerSlice; ) {
      const lease = this.#checkpoints.popUntil(now)
      if (lease === undefined) return
      if (this.#leases.get(lease.id) !== lease || lease.expiryMs <= now) continue
      lease.isCheckpointQueued = false
      this.#queueCheckpoint(lease)
      const leftSeconds = Math.ceil((lease.expiryMs - now) / 1000)
      // Kept alive just now: what the others know is true.
      if (leftSeconds >= ttlLeft(lease)) continue
      told++
      onCheckpoint?.(lease.id, leftSeconds)
    }
  }
}

/** Leases that may end in one second under a new leader. Source: etcd, three quarters of its rate. */
const SPREAD_PER_SECOND = 375

/**
 * A new leader gives all leases their time anew, so that many may fall due together, though they were
 * granted at different times: no second has more than its share, and who comes too late waits.
 */
function spread(leases: Lease[]): void {
  leases.sort(byExpiry)
  for (let i = SPREAD_PER_SECOND; i < leases.length; i++) {
    const lease = leases[i] as Lease
    const before = leases[i - SPREAD_PER_SECOND] as Lease
    lease.expiryMs = Math.max(lease.expiryMs, before.expiryMs + 1000)
  }
}

const ttlLeft = ({ ttlSeconds, remainingTtlSeconds }: LeaseState): number =>
  remainingTtlSeconds > 0 ? remainingTtlSeconds : ttlSeconds

const orderOf = (a: LeaseId, b: LeaseId): number => (a < b ? -1 : a > b ? 1 : 0)

const byExpiry = (a: Lease, b: Lease): number =>
  a.expiryMs === b.expiryMs ? orderOf(a.id, b.id) : a.expiryMs - b.expiryMs
