import type { Clock } from '../../clock.js'
import { StoreError } from '../../errors.js'
import { type Ledger, silentLedger } from '../../ledger.js'
import type { Log } from '../../log.js'
import { checkRevision, checkTtl } from '../../txn/static-check.js'
import { txnToWire } from '../../wire/txn.js'
import type { Key, KeyRange } from '../key-range.js'
import type {
  CompactOptions,
  CompactResponse,
  DeleteRangeOptions,
  DeleteRangeResponse,
  Header,
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
} from '../store-client.js'
import { SubscriptionStream } from '../subscription-stream.js'
import { deleteRangeAnswer, headerOf, putAnswer, rangeAnswer, txnAnswer } from './answers.js'
import { Caller, type CallOptions } from './caller.js'
import {
  checkBytes,
  checkKeys,
  checkRange,
  checkTxn,
  firstRevision,
  isReadOnly,
} from './check-request.js'
import type { Endpoints } from './endpoints.js'
import { KnownRevisions } from './known-revisions.js'
import { type Method, methods } from './methods.js'
import type { GrpcLimits, GrpcStoreOptions } from './options.js'
import { deletedKeys, txnKeys } from './touched-keys.js'
import { WatchChannel } from './watch/watch-channel.js'

export interface GrpcClientOptions {
  readonly endpoints: Endpoints
  readonly clock: Clock
  readonly limits: GrpcLimits
  readonly ledger: Ledger
  readonly auth: GrpcStoreOptions['auth']
  readonly log: Log
}

const READ: CallOptions = { isRepeatable: true }
const WRITE: CallOptions = { isRepeatable: false }
const EVERYTHING: KeyRange = { key: '\0', rangeEnd: '\0' }

/** The client of a store behind a network: ours, or a real etcd. */
export class GrpcClient implements StoreClient {
  readonly #limits: GrpcLimits
  readonly #ledger: Ledger
  readonly #caller: Caller
  readonly #channel: WatchChannel
  readonly #known = new KnownRevisions()
  #isClosed = false

  constructor(options: GrpcClientOptions) {
    this.#limits = options.limits
    this.#ledger = options.ledger
    this.#caller = new Caller(options)
    this.#channel = new WatchChannel({
      ...options,
      token: this.#caller.token,
      currentRevision: (range) => this.#currentRevision(range),
      onCompacted: (revision) => this.#known.compacted(revision),
    })
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    checkRange(request)
    const context = () => this.#known.contextOf(request.revision ?? 0)
    const wire = await this.#ask(methods.range, request, { ...READ, context })
    return this.#known.saw(rangeAnswer(wire))
  }

  async put(key: string, value: Uint8Array, options?: PutOptions): Promise<PutResponse> {
    checkBytes(key)
    const wire = await this.#ask(methods.put, { ...options, key, value }, WRITE)
    return this.#wrote(putAnswer(wire), () => [key])
  }

  async deleteRange(range: KeyRange, options?: DeleteRangeOptions): Promise<DeleteRangeResponse> {
    checkKeys(range)
    const wire = await this.#ask(methods.deleteRange, { ...range, ...options }, WRITE)
    return this.#wrote(deleteRangeAnswer(wire), ({ deleted }) => deletedKeys(range, deleted))
  }

  async txn(request: TxnRequest): Promise<TxnResponse> {
    checkTxn(request)
    const context = () => this.#known.contextOf(firstRevision(request))
    const options = { isRepeatable: isReadOnly(request), context }
    const wire = await this.#ask(methods.txn, txnToWire(request), options)
    return this.#wrote(txnAnswer(wire), (answer) => txnKeys(request, answer))
  }

  async compact(
    revision: number,
    { physical = false }: CompactOptions = {},
  ): Promise<CompactResponse> {
    checkRevision('revision', revision)
    const wire = await this.#ask(
      methods.compact,
      { revision, physical },
      {
        isRepeatable: false,
        timeoutMs: physical ? this.#limits.compactTimeoutMs : undefined,
        context: () => this.#known.contextOf(revision),
      },
    )
    this.#known.compacted(revision)
    return this.#known.saw({ header: headerOf(wire) })
  }

  async leaseGrant({ ttlSeconds, id = 0n }: LeaseGrantRequest): Promise<LeaseGrantResponse> {
    checkTtl(ttlSeconds)
    const request = { ttl: Math.ceil(ttlSeconds), id }
    // Without an id of its own, a second lease for one that was granted unheard ends by itself.
    const wire = await this.#ask(methods.leaseGrant, request, { isRepeatable: id === 0n })
    return this.#known.saw({ header: headerOf(wire), id: wire.id, ttlSeconds: wire.ttl })
  }

  async leaseRevoke(id: LeaseId): Promise<LeaseRevokeResponse> {
    const wire = await this.#ask(methods.leaseRevoke, { id }, WRITE)
    return this.#known.saw({ header: headerOf(wire) })
  }

  async leaseKeepAlive(id: LeaseId): Promise<LeaseKeepAliveResponse> {
    const wire = await this.#ask(methods.leaseKeepAlive, { id }, READ)
    if (wire.ttl <= 0) throw new StoreError({ code: 'LeaseNotFound' })
    return this.#known.saw({ header: headerOf(wire), id: wire.id, ttlSeconds: wire.ttl })
  }

  async leaseTimeToLive(
    id: LeaseId,
    { keys = false }: LeaseTimeToLiveOptions = {},
  ): Promise<LeaseTimeToLiveResponse> {
    const wire = await this.#ask(methods.leaseTimeToLive, { id, keys }, READ)
    return this.#known.saw({
      header: headerOf(wire),
      id: wire.id,
      ttlSeconds: wire.ttl,
      grantedTtlSeconds: wire.grantedTtl,
      keys: wire.keys.sort(),
    })
  }

  async leaseLeases(): Promise<LeaseLeasesResponse> {
    const wire = await this.#ask(methods.leaseLeases, {}, READ)
    return this.#known.saw({ header: headerOf(wire), leases: wire.leases.map(({ id }) => id) })
  }

  subscribe(
    range: KeyRange,
    observer: WatchObserver,
    options: WatchOptions = {},
  ): WatchSubscription {
    this.#assertOpen()
    if (range.key === '') throw new StoreError({ code: 'EmptyKey' })
    checkKeys(range)
    if (options.startRevision !== undefined) checkRevision('startRevision', options.startRevision)
    return this.#channel.subscribe(range, observer, options)
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

  /**
   * The size is that of the member that was asked, the watchers are this client's own, and the
   * compact revision is the last one that this client has heard of.
   */
  async status(): Promise<StatusResponse> {
    const [all, member, leases] = await Promise.all([
      this.range({ ...EVERYTHING, countOnly: true }),
      this.#ask(methods.status, {}, READ),
      this.leaseLeases(),
    ])
    return {
      header: all.header,
      compactRevision: this.#known.compactRevision,
      sizeBytes: member.dbSizeInUse,
      keyCount: all.count,
      watcherCount: this.#channel.size,
      leaseCount: leases.leases.length,
    }
  }

  close(): void {
    this.#isClosed = true
    this.#channel.close()
    this.#caller.close()
  }

  /** A finished write: watches of what it touched have something to come. */
  #wrote<T extends { readonly header: Header }>(
    answer: T,
    touched: (answer: T) => readonly Key[],
  ): T {
    if (this.#ledger !== silentLedger && this.#channel.size > 0) {
      this.#channel.owe(answer.header.revision, touched(answer))
    }
    return this.#known.saw(answer)
  }

  async #ask<Init, Answer>(
    method: Method<Init, Answer>,
    request: Init,
    options: CallOptions,
  ): Promise<Answer> {
    this.#assertOpen()
    await this.#placing()
    return this.#caller.call(method, request, options)
  }

  /**
   * A watch that begins with the next transaction must have its place before this client asks for
   * anything else, or it would miss what its owner does after `subscribe`. [W1]
   */
  async #placing(): Promise<void> {
    const placing = this.#channel.placing()
    if (placing === undefined) return
    await this.#caller.waitFor(placing, 'a watch could not be created in time')
  }

  async #currentRevision({ key }: KeyRange): Promise<number> {
    const request = { key, limit: 1, countOnly: true }
    return headerOf(await this.#caller.call(methods.range, request, READ)).revision
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreError({ code: 'Closed' })
  }
}
