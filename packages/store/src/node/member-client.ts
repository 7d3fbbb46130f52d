import type { KeyRange } from '../client/key-range.js'
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
} from '../client/store-client.js'
import { SubscriptionStream } from '../client/subscription-stream.js'
import type { Ledger } from '../ledger.js'
import type { Caller, EtcdServer } from '../rpc/etcd-server.js'
import type { StateMachine } from './state-machine.js'

export interface MemberClientOptions {
  readonly server: EtcdServer
  readonly machine: StateMachine
  readonly caller: Caller
  readonly ledger: Ledger
  readonly queueBatchesMax: number
}

/** A member in the same process as a `StoreClient`: agreed upon and durable, without a network. */
export class MemberClient implements StoreClient {
  readonly #options: MemberClientOptions
  readonly #server: EtcdServer
  readonly #caller: Caller

  constructor(options: MemberClientOptions) {
    this.#options = options
    this.#server = options.server
    this.#caller = options.caller
  }

  range(request: RangeRequest): Promise<RangeResponse> {
    return this.#server.range(request, this.#caller)
  }

  put(key: string, value: Uint8Array, options?: PutOptions): Promise<PutResponse> {
    const request = options === undefined ? { key, value } : { ...options, key, value }
    return this.#server.put(request, this.#caller)
  }

  deleteRange(range: KeyRange, options?: DeleteRangeOptions): Promise<DeleteRangeResponse> {
    return this.#server.deleteRange({ ...range, ...options }, this.#caller)
  }

  txn(request: TxnRequest): Promise<TxnResponse> {
    return this.#server.txn(request, this.#caller)
  }

  compact(revision: number, options: CompactOptions = {}): Promise<CompactResponse> {
    return this.#server.compact(revision, options, this.#caller)
  }

  leaseGrant(request: LeaseGrantRequest): Promise<LeaseGrantResponse> {
    return this.#server.leaseGrant(request, this.#caller)
  }

  leaseRevoke(id: LeaseId): Promise<LeaseRevokeResponse> {
    return this.#server.leaseRevoke(id, this.#caller)
  }

  leaseKeepAlive(id: LeaseId): Promise<LeaseKeepAliveResponse> {
    return this.#server.leaseKeepAlive(id, this.#caller)
  }

  leaseTimeToLive(
    id: LeaseId,
    options: LeaseTimeToLiveOptions = {},
  ): Promise<LeaseTimeToLiveResponse> {
    return this.#server.leaseTimeToLive(id, options, this.#caller)
  }

  leaseLeases(): Promise<LeaseLeasesResponse> {
    return this.#server.leaseLeases(this.#caller)
  }

  subscribe(
    range: KeyRange,
    observer: WatchObserver,
    options: WatchOptions = {},
  ): WatchSubscription {
    return this.#server.subscribe(range, observer, options, this.#caller)
  }

  watch(
    range: KeyRange,
    options: WatchOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): WatchStream {
    const { ledger, queueBatchesMax } = this.#options
    return new SubscriptionStream(this, range, options, { ledger, queueBatchesMax })
  }

  async status(): Promise<StatusResponse> {
    return this.#options.machine.status()
  }
}
