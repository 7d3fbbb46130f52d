import { AlarmStore } from '../alarm/alarm-store.js'
import { hashKv, type KvHash } from '../backend/kv-hash.js'
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
import { type LeaseState, Lessor } from '../lease/lessor.js'
import type { Ledger } from '../ledger.js'
import type { StoreLimits } from '../limits.js'
import { Mvcc } from '../mvcc/mvcc.js'
import { range } from '../mvcc/range.js'
import { Applier } from '../txn/applier.js'
import type { OperationCounts } from '../txn/operation-counts.js'
import { mayPut } from '../txn/static-check.js'
import { WatchHub } from '../watch/watch-hub.js'
import type { AlarmMember, AlarmRequest } from '../wire/maintenance.js'

export interface StateMachineOptions {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly limits: StoreLimits
  readonly yieldTurn: YieldTurn
  /** A lease has run out: agree with whoever has a say, then `leaseRevoke(id)`. */
  readonly onLeaseExpired: (id: LeaseId) => void
  /** So much is left of a long lease: agree, then `leaseCheckpoint`. Default: nobody else is there. */
  readonly onLeaseCheckpoint?: ((id: LeaseId, remainingTtlSeconds: number) => void) | undefined
  /** Where to begin; it belongs to the state machine. Default: empty. */
  readonly state?: Partial<MachineState> | undefined
}

/** What the state machine knows, as every member knows it. */
export interface MachineState {
  readonly mvcc: Mvcc
  readonly leases: readonly LeaseState[]
  readonly alarms: readonly AlarmMember[]
}

/**
 * What a committed request does: synchronous, in one order, and the same on every member. Requests
 * have passed the static checks; what only the state can forbid is thrown here, before any change.
 * Nothing depends on the time: leases that run out are only reported, once `lessor` is promoted.
 */
export class StateMachine {
  readonly mvcc: Mvcc
  readonly hub: WatchHub
  readonly lessor: Lessor
  readonly alarms: AlarmStore
  readonly #limits: StoreLimits
  readonly #yieldTurn: YieldTurn
  readonly #applier: Applier
  /** The compaction that is under way. */
  #freeing: Promise<void> | undefined
  #freedRevisions = 0

  constructor(options: StateMachineOptions) {
    const { clock, ledger, limits, yieldTurn, onLeaseExpired, onLeaseCheckpoint } = options
    const { mvcc = new Mvcc(), leases = [], alarms = [] } = options.state ?? {}
    this.mvcc = mvcc
    this.hub = new WatchHub({ mvcc, clock, ledger, limits, yieldTurn })
    this.lessor = new Lessor({
      clock,
      limits,
      onExpired: onLeaseExpired,
      onCheckpoint: onLeaseCheckpoint,
    })
    this.alarms = new AlarmStore(alarms)
    this.#limits = limits
    this.#yieldTurn = yieldTurn
    this.#applier = new Applier(mvcc, this.lessor)
    this.#restoreLeases(leases)
    this.#goOnFreeing()
  }

  /** The state as of now, frozen; `mvcc.release()` it when it has been read. O(leases). */
  view(): MachineState {
    return {
      mvcc: this.mvcc.clone(),
      leases: this.lessor.states(),
      alarms: this.alarms.list(),
    }
  }

  /** Jumps forward to a state from elsewhere, which then belongs to the machine. */
  restore({ mvcc, leases, alarms }: MachineState): void {
    this.mvcc.restore(mvcc)
    this.alarms.restore(alarms)
    this.#restoreLeases(leases)
    this.hub.resync()
    this.#goOnFreeing()
  }

  #restoreLeases(leases: readonly LeaseState[]): void {
    this.lessor.restore(leases)
    if (leases.length === 0) return
    for (const { kv } of this.mvcc.index.all()) {
      if (kv.lease !== 0n) this.lessor.find(kv.lease)?.keys.add(kv.key)
    }
  }

  get counts(): OperationCounts {
    return this.#applier.counts
  }

  /** Records that compactions have freed. */
  get freedRevisions(): number {
    return this.#freedRevisions
  }

  range(request: RangeRequest): RangeResponse {
    this.#assertSound()
    // A negative one is the present; within a transaction it is one that is gone.
    this.mvcc.assertReadable(Math.max(request.revision ?? 0, 0))
    this.counts.ranges++
    return range(this.mvcc, request)
  }

  put(request: PutRequest): PutResponse {
    this.#assertSound()
    this.#assertNoSpaceAlarm()
    const before = this.counts.operations
    this.#applier.checkPut(request, false)
    const response = this.#applier.put(request)
    this.#commit(before)
    return response
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    this.#assertSound()
    const before = this.counts.operations
    const response = this.#applier.deleteRange(request)
    this.#commit(before)
    return response
  }

  txn(request: TxnRequest): TxnResponse {
    this.#assertSound()
    if (this.alarms.has('nospace') && mayPut(request)) this.#assertNoSpaceAlarm()
    const before = this.counts.operations
    const plan = this.#applier.plan(request)
    const response = this.#applier.txn(plan)
    this.#commit(before)
    return response
  }

  /** Unreadable when this returns; the promise is that of its being freed. */
  compact(revision: number): Promise<void> {
    this.#assertSound()
    // For its answer etcd reads, and counts that it did.
    this.counts.ranges++
    this.mvcc.compact(revision)
    // A compaction that is under way sees the new bound: it just has more to do.
    if (this.#freeing !== undefined) return this.#freeing
    if (this.#freeSlice()) return Promise.resolve()
    this.#freeing = this.#freeRest()
    return this.#freeing
  }

  leaseGrant(id: LeaseId, ttlSeconds: number): LeaseGrantResponse {
    this.#assertSound()
    this.#assertNoSpaceAlarm()
    const lease = this.lessor.grant(id, ttlSeconds)
    return { header: this.header(), id, ttlSeconds: lease.ttlSeconds }
  }

  /** Ends the lease; its keys go in one transaction. */
  leaseRevoke(id: LeaseId): Header {
    this.#assertSound()
    const before = this.counts.operations
    for (const key of this.lessor.revoke(id)) {
      const record = this.mvcc.index.get(key)
      if (record !== undefined) this.#applier.expire(record)
    }
    this.#commit(before)
    return this.header()
  }

  leaseCheckpoint(id: LeaseId, remainingTtlSeconds: number): void {
    this.lessor.checkpoint(id, remainingTtlSeconds)
  }

  /** What is asked for, or what has changed. */
  alarm(request: AlarmRequest): { header: Header; alarms: readonly AlarmMember[] } {
    const { action, memberId, alarm } = request
    const header = this.header()
    if (action === 'get') return { header, alarms: this.alarms.list(alarm) }
    const isChanged =
      action === 'activate'
        ? this.alarms.activate(memberId, alarm)
        : this.alarms.deactivate(memberId, alarm)
    return { header, alarms: isChanged ? [{ memberId, alarm }] : [] }
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

  /** What a database of all this takes. Never 0, also when there is nothing: tools divide by it. */
  get databaseBytes(): number {
    return EMPTY_DATABASE_BYTES + this.mvcc.sizeBytes
  }

  /** Answers for the revision as of the call, while the store goes on. */
  hashKv(revision: number): Promise<KvHash> {
    return hashKv(this.mvcc, revision, this.#yieldTurn)
  }

  header(): Header {
    return { revision: this.mvcc.revision }
  }

  /** Whether the store stays within its quota with so much more. */
  hasSpaceFor(bytes: number): boolean {
    return this.mvcc.sizeBytes + bytes <= this.#limits.quotaBytes
  }

  close(): void {
    this.lessor.close()
    this.hub.close()
    this.mvcc.release()
  }

  /** Ends the open transaction and tells the watchers. */
  #commit(operationsBefore: number): void {
    this.counts.endTxn(operationsBefore)
    const changes = this.mvcc.commit()
    if (changes.length > 0) this.hub.notify(changes)
  }

  /** Every write that takes space is refused until somebody disarms the alarm. */
  #assertNoSpaceAlarm(): void {
    if (this.alarms.has('nospace')) throw new StoreError({ code: 'NoSpace' })
  }

  #assertSound(): void {
    if (this.alarms.has('corrupt')) throw new StoreError({ code: 'Corrupt' })
  }

  /** What a compaction had not yet freed when the state was written down. */
  #goOnFreeing(): void {
    if (this.mvcc.isCompacted || this.mvcc.compactRevision < 0) return
    this.#freeing ??= this.#freeRest()
  }

  async #freeRest(): Promise<void> {
    do {
      await new Promise<void>((resolve) => this.#yieldTurn(resolve))
    } while (!this.#freeSlice())
    this.#freeing = undefined
  }

  /** Answers whether that was all. */
  #freeSlice(): boolean {
    const before = this.mvcc.recordCount
    const isDone = this.mvcc.compactSlice(this.#limits.compactRecordsPerSlice)
    this.#freedRevisions += before - this.mvcc.recordCount
    return isDone
  }
}

/** The smallest database: two pages of its own, a free list, and the names of the buckets. */
const EMPTY_DATABASE_BYTES = 4 * 4096
