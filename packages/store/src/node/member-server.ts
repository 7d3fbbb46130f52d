import type { KeyRange } from '../client/key-range.js'
import type {
  CompactOptions,
  CompactResponse,
  DeleteRangeRequest,
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
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchObserver,
  WatchOptions,
  WatchSubscription,
} from '../client/store-client.js'
import { StoreError } from '../errors.js'
import type { StoreLimits } from '../limits.js'
import type { Random } from '../random.js'
import type {
  AuthApi,
  Caller,
  ClusterApi,
  EtcdServer,
  Identity,
  MaintenanceApi,
} from '../rpc/etcd-server.js'
import {
  checkKey,
  checkPut,
  checkRange,
  checkRevision,
  checkSize,
  checkTtl,
  checkTxn,
} from '../txn/static-check.js'
import type { MemberAuth } from './access.js'
import type { Command } from './command.js'
import type { CompactionAnswer } from './entry-applier.js'
import type { LeaseKeeper } from './lease-keeper.js'
import type { LinearizableReads } from './linearizable-reads.js'
import type { Proposals } from './proposals.js'
import type { Quota } from './quota.js'
import type { StateMachine } from './state-machine.js'

export interface MemberServerOptions {
  readonly machine: StateMachine
  readonly proposals: Proposals
  readonly reads: LinearizableReads
  readonly leases: LeaseKeeper
  readonly auth: MemberAuth
  readonly cluster: ClusterApi
  readonly maintenance: MaintenanceApi
  readonly limits: StoreLimits
  readonly random: Random
  readonly quota: Quota
  readonly identity: () => Identity
  /** Throws when this member can't be asked for more than its own state: a learner, or a closed one. */
  readonly assertServing: () => void
}

/**
 * Requests are checked, proposed, and answered with what applying them answered; reads wait until
 * this member has all that was acknowledged before.
 */
export class MemberServer implements EtcdServer {
  readonly cluster: ClusterApi
  readonly maintenance: MaintenanceApi
  readonly auth: AuthApi
  readonly #options: MemberServerOptions
  readonly #machine: StateMachine

  constructor(options: MemberServerOptions) {
    this.#options = options
    this.#machine = options.machine
    this.cluster = options.cluster
    this.maintenance = options.maintenance
    this.auth = options.auth.api
  }

  identity(): Identity {
    return this.#options.identity()
  }

  header(): Header {
    return this.#machine.header()
  }

  range(request: RangeRequest, caller: Caller): Promise<RangeResponse> {
    return settled(() => {
      checkRange(request)
      if (!request.serializable) this.#options.assertServing()
      if (request.serializable || this.#options.reads.isConfirmed) {
        return Promise.resolve(this.#range(request, caller))
      }
      return this.#options.reads.confirm().then(() => this.#range(request, caller))
    })
  }

  #range(request: RangeRequest, caller: Caller): RangeResponse {
    const { auth } = this.#options
    auth.checkRead(auth.authorOf(caller), request)
    return this.#machine.range(request)
  }

  put(request: PutRequest, caller: Caller): Promise<PutResponse> {
    return settled(() => {
      checkPut(request)
      const bytes = request.key.length + request.value.length
      checkSize(bytes, this.#options.limits)
      if (!this.#options.quota.hasSpaceFor(bytes)) return this.#options.quota.refuse()
      return this.#propose({ put: request }, caller)
    })
  }

  deleteRange(request: DeleteRangeRequest, caller: Caller): Promise<DeleteRangeResponse> {
    return settled(() => {
      checkKey(request.key)
      return this.#propose({ deleteRange: request }, caller)
    })
  }

  txn(request: TxnRequest, caller: Caller): Promise<TxnResponse> {
    return settled(() => {
      const { limits, quota } = this.#options
      const putBytes = checkTxn(request, limits)
      if (putBytes === 0 && isReadOnly(request)) return this.#readOnlyTxn(request, caller)
      if (putBytes > 0 && !quota.hasSpaceFor(putBytes)) return quota.refuse()
      return this.#propose({ txn: request }, caller)
    })
  }

  /** Changes nothing, so it needs no entry in the log. */
  async #readOnlyTxn(request: TxnRequest, caller: Caller): Promise<TxnResponse> {
    if (!isSerializable(request)) await this.#confirm()
    const { auth } = this.#options
    auth.checkTxnRead(auth.authorOf(caller), request)
    return this.#machine.txn(request)
  }

  async compact(
    revision: number,
    options: CompactOptions,
    caller: Caller,
  ): Promise<CompactResponse> {
    checkRevision('revision', revision)
    const physical = options.physical ?? false
    const answer: CompactionAnswer = await this.#propose(
      { compaction: { revision, physical } },
      caller,
    )
    if (physical) await answer.freed
    return answer.response
  }

  async leaseGrant(request: LeaseGrantRequest, caller: Caller): Promise<LeaseGrantResponse> {
    const { ttlSeconds } = request
    checkTtl(ttlSeconds)
    const { limits, quota } = this.#options
    if (ttlSeconds > limits.leaseTtlSecondsMax) throw new StoreError({ code: 'LeaseTtlTooLarge' })
    if (!quota.hasSpaceFor(0)) await quota.refuse()
    // Of all members' choices, so that a collision is as unlikely as it can be.
    const id = request.id === undefined || request.id === 0n ? this.#newLeaseId() : request.id
    return this.#propose({ leaseGrant: { id, ttl: ttlSeconds } }, caller)
  }

  #newLeaseId(): LeaseId {
    const { random } = this.#options
    for (;;) {
      const id = (BigInt(random.below(0x8000_0000)) << 32n) | BigInt(random.below(0x1_0000_0000))
      if (id !== 0n && this.#machine.lessor.find(id) === undefined) return id
    }
  }

  async leaseRevoke(id: LeaseId, caller: Caller): Promise<LeaseRevokeResponse> {
    return this.#propose({ leaseRevoke: { id } }, caller)
  }

  async leaseKeepAlive(id: LeaseId, caller: Caller): Promise<LeaseKeepAliveResponse> {
    this.#options.assertServing()
    return this.#options.leases.keepAlive(id, caller.signal)
  }

  async leaseTimeToLive(
    id: LeaseId,
    options: LeaseTimeToLiveOptions,
    caller: Caller,
  ): Promise<LeaseTimeToLiveResponse> {
    const { auth, leases, assertServing } = this.#options
    assertServing()
    const withKeys = options.keys ?? false
    if (withKeys) auth.checkLeaseKeys(auth.authorOf(caller), id)
    const answer = await leases.timeToLive(id, withKeys, caller.signal)
    if (withKeys) auth.checkLeaseKeys(auth.authorOf(caller), id)
    return answer
  }

  async leaseLeases(caller: Caller): Promise<LeaseLeasesResponse> {
    const leases = this.#machine.lessor.ids()
    const { auth } = this.#options
    const author = auth.authorOf(caller)
    for (const id of leases) auth.checkLeaseKeys(author, id)
    return { header: this.header(), leases }
  }

  subscribe(
    range: KeyRange,
    observer: WatchObserver,
    options: WatchOptions,
    caller: Caller,
  ): WatchSubscription {
    checkKey(range.key)
    if (options.startRevision !== undefined) checkRevision('startRevision', options.startRevision)
    const { auth } = this.#options
    auth.checkRead(auth.authorOf(caller), range)
    return this.#machine.hub.subscribe(range, observer, options)
  }

  async #confirm(): Promise<void> {
    this.#options.assertServing()
    await this.#options.reads.confirm()
  }

  #propose<T>(command: Command, caller: Caller): Promise<T> {
    const { assertServing, auth, proposals } = this.#options
    assertServing()
    return proposals.propose<T>(command, auth.authorOf(caller), caller.gone ?? caller.signal)
  }
}

/** Throws nothing: an async function would, too, but makes three promises of the one it is given. */
function settled<T>(run: () => Promise<T>): Promise<T> {
  try {
    return run()
  } catch (error) {
    return Promise.reject(error)
  }
}

const operations = ({ success = [], failure = [] }: TxnRequest) => [...success, ...failure]

const isReadOnly = (txn: TxnRequest): boolean =>
  operations(txn).every((op) => op.type === 'range' || (op.type === 'txn' && isReadOnly(op)))

const isSerializable = (txn: TxnRequest): boolean =>
  operations(txn).every((op) =>
    op.type === 'range' ? op.serializable === true : op.type === 'txn' && isSerializable(op),
  )
