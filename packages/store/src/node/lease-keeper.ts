import { setMaxListeners } from 'node:events'
import type {
  LeaseKeepAliveResponse as KeepAliveAnswer,
  LeaseId,
  LeaseTimeToLiveResponse as TimeToLiveAnswer,
} from '../client/store-client.js'
import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { Log } from '../log.js'
import type { PeerTransport } from '../peer/transport.js'
import type { NodeId } from '../raft/types.js'
import {
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
} from '../wire/lease.js'
import type { Command } from './command.js'
import type { StateMachine } from './state-machine.js'

export const KEEP_ALIVE_PATH = 'leases/keepalive'
export const TIME_TO_LIVE_PATH = 'leases/timetolive'

/** A follower asks its leader again after it, as long as the caller waits. */
const RETRY_MS = 50
/** A lease that has run out and could not be revoked is tried again after it. */
const REVOKE_RETRY_MS = 500

/** Refusals after which there is nothing left to do: here, or for this member. */
const ENDED: ReadonlySet<string> = new Set(['LeaseNotFound', 'Canceled', 'Closed'])

export interface LeaseKeeperOptions {
  readonly id: NodeId
  readonly machine: StateMachine
  readonly transport: PeerTransport
  readonly clock: Clock
  readonly log: Log
  readonly leader: () => NodeId
  /** Whether the core leads at this very moment. */
  readonly isLeading: () => boolean
  readonly propose: (command: Command, signal: AbortSignal) => Promise<unknown>
  /** Resolves when this member has applied all that was acknowledged. */
  readonly confirm: () => Promise<void>
  readonly timeoutMs: number
  /** What a new leader adds to every lease: its predecessor may have kept one alive until now. */
  readonly promotionExtraSeconds: number
}

/**
 * Time belongs to the leader: it alone lets leases run out, and renews them. Others pass on what
 * they are asked.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #revoking = new Set<LeaseId>()
  readonly #retries = new Set<Timer>()
  #isLeader = false
  /** It leads, and has applied what was in its log when it began to: time passes here. */
  #isPrimary = false
  /** Aborted when it leads no more: what it wanted may not be right any more. */
  #reign = newReign()
  #isClosed = false
  #expiredCount = 0

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
  }

  onLeader(leader: NodeId): void {
    const { id, machine } = this.#options
    const isLeader = leader === id
    if (isLeader === this.#isLeader) return
    this.#isLeader = isLeader
    if (isLeader) return
    this.#isPrimary = false
    this.#reign.abort()
    machine.lessor.demote()
  }

  /**
   * All entries before this term are applied; the core is in `currentTerm`. Only once that is the
   * same does a new leader know what its predecessors have agreed on: a lease that it renewed before
   * might be one whose end is in the log already.
   */
  onTerm(term: number, currentTerm: number): void {
    if (!this.#isLeader || this.#isPrimary || term !== currentTerm) return
    this.#isPrimary = true
    this.#reign = newReign()
    this.#options.machine.lessor.promote(this.#options.promotionExtraSeconds)
  }

  /** Leases that ran out under this leader and were revoked. */
  get expiredCount(): number {
    return this.#expiredCount
  }

  /** The lessor says that it has run out. */
  expire(id: LeaseId): void {
    const { isLeading, propose } = this.#options
    // A follower would pass it on to a leader that may have renewed the lease.
    if (!this.#isPrimary || !isLeading() || this.#revoking.has(id)) return
    this.#revoking.add(id)
    propose({ leaseRevoke: { id } }, this.#reign.signal)
      .then(() => {
        this.#expiredCount++
      })
      .catch((error: unknown) => this.#onRevokeFailed(id, error))
      .finally(() => this.#revoking.delete(id))
  }

  #onRevokeFailed(id: LeaseId, error: unknown): void {
    const { clock, machine, log } = this.#options
    if (!(error instanceof StoreError)) throw error
    if (ENDED.has(error.code)) return
    log.warn('could not revoke an expired lease', { lease: id.toString(16), error: error.message })
    const timer = clock.setTimer(REVOKE_RETRY_MS, () => {
      this.#retries.delete(timer)
      if (machine.lessor.find(id) !== undefined) this.expire(id)
    })
    this.#retries.add(timer)
  }

  checkpoint(id: LeaseId, remainingTtl: number): void {
    if (!this.#isPrimary || !this.#options.isLeading()) return
    const leaseCheckpoint = { checkpoints: [{ id, remainingTtl }] }
    this.#options.propose({ leaseCheckpoint }, this.#reign.signal).catch((error: unknown) => {
      // The next one says the same, five minutes later.
      this.#options.log.debug('could not checkpoint a lease', { error: String(error) })
    })
  }

  async keepAlive(id: LeaseId, signal?: AbortSignal): Promise<KeepAliveAnswer> {
    if (this.#isLeader) {
      await this.#know(id)
      return this.#options.machine.leaseKeepAlive(id)
    }
    const body = LeaseKeepAliveRequest.encode({ id })
    const answer = LeaseKeepAliveResponse.decode(
      await this.#askLeader(KEEP_ALIVE_PATH, body, signal),
    )
    if (answer.ttl <= 0) throw new StoreError({ code: 'LeaseNotFound' })
    return { header: this.#options.machine.header(), id, ttlSeconds: answer.ttl }
  }

  async timeToLive(id: LeaseId, keys: boolean, signal?: AbortSignal): Promise<TimeToLiveAnswer> {
    if (this.#isLeader) {
      await this.#know(id)
      return this.#options.machine.leaseTimeToLive(id, keys)
    }
    const body = LeaseTimeToLiveRequest.encode({ id, keys })
    const answer = LeaseTimeToLiveResponse.decode(
      await this.#askLeader(TIME_TO_LIVE_PATH, body, signal),
    )
    const { ttl: ttlSeconds, grantedTtl: grantedTtlSeconds } = answer
    return {
      header: this.#options.machine.header(),
      id,
      ttlSeconds,
      grantedTtlSeconds,
      keys: answer.keys,
    }
  }

  /** Answers another member's question; only the leader does. */
  async answer(path: string, body: Uint8Array): Promise<Uint8Array> {
    if (!this.#isLeader) throw new StoreError({ code: 'NotLeader' })
    const { machine } = this.#options
    if (path === TIME_TO_LIVE_PATH) {
      const { id, keys } = LeaseTimeToLiveRequest.decode(body)
      await this.#know(id)
      const found = machine.leaseTimeToLive(id, keys)
      const { ttlSeconds: ttl, grantedTtlSeconds: grantedTtl } = found
      return LeaseTimeToLiveResponse.encode({ id, ttl, grantedTtl, keys: found.keys })
    }
    const { id } = LeaseKeepAliveRequest.decode(body)
    await this.#know(id)
    if (machine.lessor.find(id) === undefined) return LeaseKeepAliveResponse.encode({ id, ttl: 0 })
    return LeaseKeepAliveResponse.encode({ id, ttl: machine.leaseKeepAlive(id).ttlSeconds })
  }

  /** One that this leader doesn't know may have been granted before it had applied everything. */
  async #know(id: LeaseId): Promise<void> {
    const { machine, confirm } = this.#options
    if (!this.#isPrimary || machine.lessor.find(id) === undefined) await confirm()
  }

  /** Who is waiting for a leader hears of it within a moment. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#retries) timer.cancel()
  }

  async #askLeader(path: string, body: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const { clock, leader, transport, timeoutMs } = this.#options
    const deadline = clock.now() + timeoutMs
    const aborted = signal ?? new AbortController().signal
    for (;;) {
      if (this.#isClosed) throw new StoreError({ code: 'Closed' })
      const to = leader()
      if (to !== 0n) {
        try {
          return await transport.call(to, path, body, aborted)
        } catch (error) {
          if (clock.now() >= deadline) throw new StoreError({ code: 'Timeout' }, { cause: error })
        }
      }
      if (aborted.aborted) throw new StoreError({ code: 'Canceled' })
      if (clock.now() >= deadline) throw new StoreError({ code: 'NoLeader' })
      await new Promise<void>((resolve) => clock.setTimer(RETRY_MS, resolve))
    }
  }
}

/** Any number of leases may be waiting for the end of one. */
function newReign(): AbortController {
  const reign = new AbortController()
  setMaxListeners(0, reign.signal)
  return reign
}
