import type { Key, KeyRange } from './key-range.js'

/** A random 64-bit id; `0n` is "no lease". */
export type LeaseId = bigint

/** A key as one revision left it. */
export interface KeyValue {
  readonly key: Key
  /** Shared, never copied: the reference that was put. Nobody may write to it. */
  readonly value: Uint8Array
  /** The revision that created the key, of this generation. */
  readonly createRevision: number
  /** The revision that wrote this value. */
  readonly modRevision: number
  /** Writes since the creation, which is 1; 0 in the event of a deletion. */
  readonly version: number
  /** The lease that deletes the key when it ends, or `0n`. */
  readonly lease: LeaseId
}

export interface Header {
  /** The store's revision when the request was served (not the one that was asked for). */
  readonly revision: number
}

export interface RangeRequest extends KeyRange {
  /** Read the past: the state as of this revision. 0 or absent: now. */
  readonly revision?: number | undefined
  /** At most so many; 0 or absent: all. `more` and `count` tell about the rest. */
  readonly limit?: number | undefined
  /** Default: ascending by key. */
  readonly sortOrder?: 'none' | 'ascend' | 'descend' | undefined
  readonly sortTarget?: 'key' | 'version' | 'create' | 'mod' | 'value' | undefined
  /** Answer `count` and no kvs. */
  readonly countOnly?: boolean | undefined
  /** Answer what this member has, which may be behind; default: what the whole cluster agreed on. */
  readonly serializable?: boolean | undefined
  /** Answer kvs with empty values. */
  readonly keysOnly?: boolean | undefined
  readonly minModRevision?: number | undefined
  readonly maxModRevision?: number | undefined
  readonly minCreateRevision?: number | undefined
  readonly maxCreateRevision?: number | undefined
}

export interface RangeResponse {
  readonly header: Header
  readonly kvs: readonly KeyValue[]
  /** Whether `limit` cut keys off. */
  readonly more: boolean
  /** Keys in the range, whatever `limit` and the revision filters left of them. */
  readonly count: number
}

export interface PutOptions {
  /** Attach the key to this lease; absent or `0n`: to none. */
  readonly lease?: LeaseId | undefined
  /** Answer what the key was before. */
  readonly prevKv?: boolean | undefined
  /** Keep the key's value (which must be given empty); `KeyNotFound` when there is no such key. */
  readonly ignoreValue?: boolean | undefined
  /** Keep the key's lease; `KeyNotFound` when there is no such key. */
  readonly ignoreLease?: boolean | undefined
}

export interface PutRequest extends PutOptions {
  readonly key: Key
  readonly value: Uint8Array
}

export interface PutResponse {
  readonly header: Header
  readonly prevKv?: KeyValue
}

export interface DeleteRangeOptions {
  /** Answer what was deleted. */
  readonly prevKv?: boolean | undefined
}

export interface DeleteRangeRequest extends KeyRange, DeleteRangeOptions {}

export interface DeleteRangeResponse {
  readonly header: Header
  readonly deleted: number
  /** Empty unless asked for. */
  readonly prevKvs: readonly KeyValue[]
}

export type CompareOperator = '=' | '!=' | '<' | '>'

/**
 * One condition. A missing key has version, revisions and lease 0, and no value at all: a compare
 * of its value is false, whatever the operator. With `rangeEnd` every key in the range must match.
 */
export type Compare = KeyRange & { readonly op: CompareOperator } & (
    | { readonly target: 'version' | 'create' | 'mod'; readonly operand: number }
    | { readonly target: 'lease'; readonly operand: LeaseId }
    | { readonly target: 'value'; readonly operand: Uint8Array }
  )

export type RequestOp =
  | ({ readonly type: 'range' } & RangeRequest)
  | ({ readonly type: 'put' } & PutRequest)
  | ({ readonly type: 'deleteRange' } & DeleteRangeRequest)
  | ({ readonly type: 'txn' } & TxnRequest)

/**
 * If every compare holds, `success` runs, else `failure`; as one transaction, with one revision.
 * Operations see what those before them wrote. No key may be written twice.
 */
export interface TxnRequest {
  readonly compare?: readonly Compare[] | undefined
  readonly success?: readonly RequestOp[] | undefined
  readonly failure?: readonly RequestOp[] | undefined
}

export type ResponseOp =
  | ({ readonly type: 'range' } & RangeResponse)
  | ({ readonly type: 'put' } & PutResponse)
  | ({ readonly type: 'deleteRange' } & DeleteRangeResponse)
  | ({ readonly type: 'txn' } & TxnResponse)

export interface TxnResponse {
  readonly header: Header
  /** Which of the two ran. */
  readonly succeeded: boolean
  /** One for each operation of the branch that ran, in its order. */
  readonly responses: readonly ResponseOp[]
}

export interface CompactOptions {
  /** Answer only when the old revisions have left memory, not already when they are unreadable. */
  readonly physical?: boolean | undefined
}

export interface CompactResponse {
  readonly header: Header
}

export interface LeaseGrantRequest {
  /** Asked for; the store may grant more, see the answer. */
  readonly ttlSeconds: number
  /** Absent or `0n`: the store chooses. */
  readonly id?: LeaseId | undefined
}

export interface LeaseGrantResponse {
  readonly header: Header
  readonly id: LeaseId
  readonly ttlSeconds: number
}

export interface LeaseRevokeResponse {
  readonly header: Header
}

export type LeaseKeepAliveResponse = LeaseGrantResponse

export interface LeaseTimeToLiveOptions {
  readonly keys?: boolean | undefined
}

export interface LeaseTimeToLiveResponse {
  readonly header: Header
  readonly id: LeaseId
  /** Whole seconds left; -1 when there is no such lease. */
  readonly ttlSeconds: number
  readonly grantedTtlSeconds: number
  /** The attached keys in order; empty unless asked for. */
  readonly keys: readonly Key[]
}

export interface LeaseLeasesResponse {
  readonly header: Header
  readonly leases: readonly LeaseId[]
}

export interface StatusResponse {
  readonly header: Header
  /** History before it is gone; 0 when never compacted. */
  readonly compactRevision: number
  /** Keys and values of all kept revisions, with an estimate of what holds them. */
  readonly sizeBytes: number
  readonly keyCount: number
  readonly watcherCount: number
  readonly leaseCount: number
}

export type WatchFilter = 'noput' | 'nodelete'

export interface WatchOptions {
  /** Begin with the events of this revision; 0 or absent: with whatever comes next. */
  readonly startRevision?: number | undefined
  /** Give each event the key as it was before (as far as that is not compacted). */
  readonly prevKv?: boolean | undefined
  /** Leave out puts, or deletions. */
  readonly filters?: readonly WatchFilter[] | undefined
  /** Send a batch without events now and then when nothing happens. */
  readonly progressNotify?: boolean | undefined
}

export interface WatchEvent {
  readonly type: 'put' | 'delete'
  /** Of a deletion: the key and, as `modRevision`, the revision that deleted it. */
  readonly kv: KeyValue
  /** Only when asked for and when the key existed; a creation has none. */
  readonly prevKv?: KeyValue
}

export interface WatchBatch {
  /** Everything in the range up to and including this revision has been delivered. */
  readonly revision: number
  /** All that one transaction changed in the range; none in a progress notification. */
  readonly events: readonly WatchEvent[]
}

/** What a watch begins with when history no longer reaches back to its `startRevision`. */
export interface WatchCompacted {
  /** List again, and watch from there. */
  readonly compactRevision: number
}

/** Why no more batches come. */
export type WatchEnd =
  | { readonly reason: 'cancelled' }
  | { readonly reason: 'compacted'; readonly compactRevision: number }
  | { readonly reason: 'closed' }
  | { readonly reason: 'failed'; readonly error: unknown }

export interface WatchObserver {
  /** Must not throw: that ends the watch as `failed`. May call the store, even to write. */
  onBatch(batch: WatchBatch): void
  /** Exactly once, after the last batch. */
  onEnd(end: WatchEnd): void
}

export interface WatchSubscription {
  /** Ends the watch at once: after it no batch is delivered. */
  cancel(): void
  /** Asks for a batch without events as soon as the watch has delivered all there is. */
  requestProgress(): void
  /** No batches until `resume()`, which continues from history: nothing is lost or queued. */
  pause(): void
  resume(): void
}

/** To be read by one reader. Leaving the loop cancels the watch. */
export interface WatchStream extends AsyncIterable<WatchBatch | WatchCompacted> {
  cancel(): void
  requestProgress(): void
}

/**
 * What every user of the store sees, whether it lies in the same process or behind a network.
 * SPEC.md beside this file numbers the rules; the suite checks them on every implementation.
 *
 * Ownership: keys, values, batches and events are shared. Read and keep them; never write to them.
 * Errors: every method rejects with a `StoreError`, whose text is etcd's.
 * Source: etcd v3 API.
 */
export interface StoreClient {
  /** Reads a range now or in the past. [R1–R12] */
  range(request: RangeRequest): Promise<RangeResponse>

  /** Writes one key; what it answers is applied, and its watchers have been told. [P1–P6] */
  put(key: Key, value: Uint8Array, options?: PutOptions): Promise<PutResponse>

  /** Deletes every key in the range in one transaction. [D1–D4] */
  deleteRange(range: KeyRange, options?: DeleteRangeOptions): Promise<DeleteRangeResponse>

  /** Compares, then reads and writes, as one. [T1–T11] */
  txn(request: TxnRequest): Promise<TxnResponse>

  /** Forgets what only revisions before `revision` need. The current state stays. [C1–C4] */
  compact(revision: number, options?: CompactOptions): Promise<CompactResponse>

  /** A lease deletes its keys when it ends. [L1–L9] */
  leaseGrant(request: LeaseGrantRequest): Promise<LeaseGrantResponse>
  leaseRevoke(id: LeaseId): Promise<LeaseRevokeResponse>
  /** Starts the lease's time anew; `LeaseNotFound` when it has ended. */
  leaseKeepAlive(id: LeaseId): Promise<LeaseKeepAliveResponse>
  leaseTimeToLive(id: LeaseId, options?: LeaseTimeToLiveOptions): Promise<LeaseTimeToLiveResponse>
  leaseLeases(): Promise<LeaseLeasesResponse>

  /**
   * Calls `onBatch` with every change in `range` in revision order, without gaps and without
   * repeats. [W1–W15]
   *
   * Embedded, a live watcher is called inside the write, after its transaction is applied and
   * before its promise resolves. A write made by an observer is delivered after the batches of
   * the write before it have reached everyone. History is delivered later, never inside this call.
   * Bounds: nothing is queued; an observer that can't keep up calls `pause()`.
   * Errors: ends as `compacted` when history no longer reaches `startRevision`.
   */
  subscribe(range: KeyRange, observer: WatchObserver, options?: WatchOptions): WatchSubscription

  /**
   * The same as a stream. A reader slower than `limits.watchQueueBatchesMax` is paused and served
   * from history: it gets everything, later.
   *
   * Errors: yields `{ compactRevision }` as its last item when history no longer reaches. Throws
   *   `signal.reason`, or `Closed` when the store goes away.
   */
  watch(range: KeyRange, options?: WatchOptions & { signal?: AbortSignal | undefined }): WatchStream

  /** Where the store stands. */
  status(): Promise<StatusResponse>
}
