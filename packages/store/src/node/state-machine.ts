import type {
  DeleteRangeRequest,
  DeleteRangeResponse,
  Header,
  LeaseGrantResponse,
  LeaseId,
  LeaseTimeToLiveResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  StatusResponse,
  TxnRequest,
  TxnResponse,
} from '../client/store-client.js'
import type { Clock, YieldTurn } from '../clock.js'
import { StoreError } from '../errors.js'
import { Lessor } from '../lease/lessor.js'
import type { Ledger } from '../ledger.js'
import type { StoreLimits } from '../limits.js'
import { Mvcc } from '../mvcc/mvcc.js'
import { range } from '../mvcc/range.js'
import { Applier } from '../txn/applier.js'
import { WatchHub } from '../watch/watch-hub.js'

export interface StateMachineOptions {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly limits: StoreLimits
  readonly yieldTurn: YieldTurn
  /** A lease has run out: agree with whoever has a say, then `leaseRevoke(id)`. */
  readonly onLeaseExpired: (id: LeaseId) => void
  /** Where to begin; default: empty. */
  readonly mvcc?: Mvcc | undefined
}

/**
 * What a committed request does: synchronous, in one order, and the same on every member. Requests
 * have passed the static checks; what only the state can forbid is thrown here, before any change.
 */
export class StateMachine {
  readonly mvcc: Mvcc
  readonly hub: WatchHub
  readonly lessor: Lessor
  readonly #limits: StoreLimits
  readonly #yieldTurn: YieldTurn
  readonly #applier: Applier
  /** The compaction that is under way. */
  #freeing: Promise<void> | undefined

  constructor(options: StateMachineOptions) {
    const { clock, ledger, limits, yieldTurn } = options
    this.mvcc = options.mvcc ?? new Mvcc()
    this.hub = new WatchHub({ mvcc: this.mvcc, clock, ledger, limits, yieldTurn })
    this.lessor = new Lessor({ clock, limits, onExpired: options.onLeaseExpired })
    this.#limits = limits
    this.#yieldTurn = yieldTurn
    this.#applier = new Applier(this.mvcc, this.lessor)
  }

  range(request: RangeRequest): RangeResponse {
    this.mvcc.assertReadable(request.revision ?? 0)
    return range(this.mvcc, request)
  }

  put(request: PutRequest): PutResponse {
    this.#assertSpace(request.key.length + request.value.length)
    this.#applier.checkPut(request)
    const response = this.#applier.put(request)
    this.#commit()
    return response
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    const response = this.#applier.deleteRange(request)
    this.#commit()
    return response
  }

  txn(request: TxnRequest, putBytes: number): TxnResponse {
    if (putBytes > 0) this.#assertSpace(putBytes)
    const plan = this.#applier.plan(request)
    const response = this.#applier.txn(plan)
    this.#commit()
    return response
  }

  /** Unreadable when this returns; the promise is that of its being freed. */
  compact(revision: number): Promise<void> {
    this.mvcc.compact(revision)
    // A compaction that is under way sees the new bound: it just has more to do.
    if (this.#freeing !== undefined) return this.#freeing
    if (this.mvcc.compactSlice(this.#limits.compactRecordsPerSlice)) return Promise.resolve()
    this.#freeing = this.#freeRest()
    return this.#freeing
  }

  leaseGrant(id: LeaseId, ttlSeconds: number): LeaseGrantResponse {
    const lease = this.lessor.grant(id, ttlSeconds)
    return { header: this.header(), id, ttlSeconds: lease.ttlSeconds }
  }

  /** Ends the lease; its keys go in one transaction. */
  leaseRevoke(id: LeaseId): Header {
    for (const key of this.lessor.revoke(id)) {
      const record = this.mvcc.index.get(key)
      if (record !== undefined) this.#applier.delete(record)
    }
    this.#commit()
    return this.header()
  }

  leaseKeepAlive(id: LeaseId): LeaseGrantResponse {
    const { ttlSeconds } = this.lessor.renew(id)
    return { header: this.header(), id, ttlSeconds }
  }

  leaseTimeToLive(id: LeaseId, withKeys: boolean): LeaseTimeToLiveResponse {
    const header = this.header()
    const lease = this.lessor.find(id)
    if (lease === undefined) return { header, id, ttlSeconds: -1, grantedTtlSeconds: 0, keys: [] }
    return {
      header,
      id,
      ttlSeconds: this.lessor.remainingSeconds(lease),
      grantedTtlSeconds: lease.ttlSeconds,
      keys: withKeys ? [...lease.keys].sort() : [],
    }
  }

  status(): StatusResponse {
    return {
      header: this.header(),
      compactRevision: Math.max(this.mvcc.compactRevision, 0),
      sizeBytes: this.mvcc.sizeBytes,
      keyCount: this.mvcc.keyCount,
      watcherCount: this.hub.size,
      leaseCount: this.lessor.size,
    }
  }

  header(): Header {
    return { revision: this.mvcc.revision }
  }

  close(): void {
    this.lessor.close()
    this.hub.close()
  }

  /** Ends the open transaction and tells the watchers. */
  #commit(): void {
    const changes = this.mvcc.commit()
    if (changes.length > 0) this.hub.notify(changes)
  }

  #assertSpace(bytes: number): void {
    if (this.mvcc.sizeBytes + bytes > this.#limits.quotaBytes) {
      throw new StoreError({ code: 'NoSpace' })
    }
  }

  async #freeRest(): Promise<void> {
    do {
      await new Promise<void>((resolve) => this.#yieldTurn(resolve))
    } while (!this.mvcc.compactSlice(this.#limits.compactRecordsPerSlice))
    this.#freeing = undefined
  }
}
