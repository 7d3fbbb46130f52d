import type { KeyRange } from './client/key-range.js'
import type {
  CompactOptions,
  CompactResponse,
  DeleteRangeOptions,
  DeleteRangeResponse,
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseId,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveOptions,
  LeaseTimeToLiveResponse,
  PutOptions,
  PutResponse,
  RangeRequest,
  RangeResponse,
  StatusResponse,
  StoreClient,
  TxnRequest,
  TxnResponse,
  WatchObserver,
  WatchOptions,
  WatchStream,
  WatchSubscription,
} from './client/store-client.js'
import { SubscriptionStream } from './client/subscription-stream.js'
import { type Clock, eventLoopTurn, type YieldTurn } from './clock.js'
import { StoreError } from './errors.js'
import { LeaseIds } from './lease/lease-ids.js'
import { type Ledger, silentLedger } from './ledger.js'
import { defaultLimits, type StoreLimits } from './limits.js'
import type { Mvcc } from './mvcc/mvcc.js'
import { StateMachine } from './node/state-machine.js'
import {
  checkKey,
  checkPut,
  checkRange,
  checkRevision,
  checkSize,
  checkTtl,
  checkTxn,
} from './txn/static-check.js'

export interface EmbeddedStoreOptions {
  readonly clock: Clock
  /** Counts work under way; default: nobody counts. */
  readonly ledger?: Ledger | undefined
  readonly limits?: Partial<StoreLimits> | undefined
  /** Between the slices of long work; default: `eventLoopTurn`. */
  readonly yieldTurn?: YieldTurn | undefined
}

export interface EmbeddedStore extends AsyncDisposable {
  readonly client: StoreClient
  /**
   * A second store with this one's keys, history and revision, and without its watchers and
   * leases (keys keep the id of theirs, which has no effect). O(1) in the number of keys: both
   * share what neither has written since.
   */
  clone(options: EmbeddedStoreOptions): EmbeddedStore
  /** Ends all watches as `closed` and stops all timers; further requests reject with `Closed`. */
  close(): Promise<void>
}

/** Opens a store of one member that keeps everything in memory. */
export const openEmbeddedStore = (options: EmbeddedStoreOptions): EmbeddedStore =>
  open(options, undefined)

function open(options: EmbeddedStoreOptions, mvcc: Mvcc | undefined): EmbeddedStore {
  const client = new EmbeddedClient(options, mvcc)
  const close = async () => client.close()
  return {
    client,
    clone: (cloneOptions) => open(cloneOptions, client.cloneMvcc()),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * The client of a store in the same process. Every request is applied inside the call; the promise
 * is only there because other clients need one. (A cluster's client will propose the same requests
 * and have them applied by the same state machine.)
 */
class EmbeddedClient implements StoreClient {
  readonly #machine: StateMachine
  readonly #limits: StoreLimits
  readonly #ledger: Ledger
  readonly #leaseIds: LeaseIds
  #isClosed = false

  constructor(options: EmbeddedStoreOptions, mvcc: Mvcc | undefined) {
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#ledger = options.ledger ?? silentLedger
    this.#leaseIds = new LeaseIds(options.clock)
    this.#machine = new StateMachine({
      clock: options.clock,
      ledger: this.#ledger,
      limits: this.#limits,
      yieldTurn: options.yieldTurn ?? eventLoopTurn,
      onLeaseExpired: (id) => this.#machine.leaseRevoke(id),
      state: mvcc === undefined ? undefined : { mvcc },
    })
    this.#machine.lessor.promote()
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    this.#assertOpen()
    checkRange(request)
    return this.#machine.range(request)
  }

  async put(key: string, value: Uint8Array, options?: PutOptions): Promise<PutResponse> {
    this.#assertOpen()
    const request = options === undefined ? { key, value } : { ...options, key, value }
    checkPut(request)
    checkSize(key.length + value.length, this.#limits)
    this.#assertSpace(key.length + value.length)
    return this.#machine.put(request)
  }

  async deleteRange(range: KeyRange, options?: DeleteRangeOptions): Promise<DeleteRangeResponse> {
    this.#assertOpen()
    checkKey(range.key)
    return this.#machine.deleteRange({ ...range, ...options })
  }

  async txn(request: TxnRequest): Promise<TxnResponse> {
    this.#assertOpen()
    const putBytes = checkTxn(request, this.#limits)
    if (putBytes > 0) this.#assertSpace(putBytes)
    return this.#machine.txn(request)
  }

  async compact(revision: number, options?: CompactOptions): Promise<CompactResponse> {
    this.#assertOpen()
    checkRevision('revision', revision)
    const freed = this.#machine.compact(revision)
    if (options?.physical) await freed
    return { header: this.#machine.header() }
  }

  async leaseGrant({ ttlSeconds, id = 0n }: LeaseGrantRequest): Promise<LeaseGrantResponse> {
    this.#assertOpen()
    checkTtl(ttlSeconds)
    return this.#machine.leaseGrant(id === 0n ? this.#leaseIds.next() : id, ttlSeconds)
  }

  async leaseRevoke(id: LeaseId): Promise<LeaseRevokeResponse> {
    this.#assertOpen()
    return { header: this.#machine.leaseRevoke(id) }
  }

  async leaseKeepAlive(id: LeaseId): Promise<LeaseKeepAliveResponse> {
    this.#assertOpen()
    return this.#machine.leaseKeepAlive(id)
  }

  async leaseTimeToLive(
    id: LeaseId,
    options?: LeaseTimeToLiveOptions,
  ): Promise<LeaseTimeToLiveResponse> {
    this.#assertOpen()
    return this.#machine.leaseTimeToLive(id, options?.keys ?? false)
  }

  async leaseLeases(): Promise<LeaseLeasesResponse> {
    this.#assertOpen()
    return { header: this.#machine.header(), leases: this.#machine.lessor.ids() }
  }

  subscribe(
    range: KeyRange,
    observer: WatchObserver,
    options: WatchOptions = {},
  ): WatchSubscription {
    this.#assertOpen()
    checkKey(range.key)
    if (options.startRevision !== undefined) checkRevision('startRevision', options.startRevision)
    return this.#machine.hub.subscribe(range, observer, options)
  }

  watch(
    range: KeyRange,
    options: WatchOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): WatchStream {
    return new SubscriptionStream(this, range, options, {
      ledger: this.#ledger,
      queueBatchesMax: this.#limits.watchQueueBatchesMax,
    })
  }

  async status(): Promise<StatusResponse> {
    this.#assertOpen()
    return this.#machine.status()
  }

  cloneMvcc(): Mvcc {
    this.#assertOpen()
    return this.#machine.mvcc.clone()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#machine.close()
  }

  /** Without a log there is no alarm to be raised: there is space again as soon as it is freed. */
  #assertSpace(bytes: number): void {
    if (!this.#machine.hasSpaceFor(bytes)) throw new StoreError({ code: 'NoSpace' })
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreError({ code: 'Closed' })
  }
}
