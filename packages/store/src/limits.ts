/** The store's bounds. Every one can be set when the store is opened. */
export interface StoreLimits {
  /** Compares, or operations of one branch, in a transaction. etcd's `--max-txn-ops`. */
  readonly txnOpsMax: number
  /** Keys and values of one request together. etcd's `--max-request-bytes`. */
  readonly requestBytesMax: number
  /** Beyond it puts are refused with `NoSpace`. etcd's `--quota-backend-bytes`. */
  readonly quotaBytes: number
  /** Batches waiting in a watch stream before it is paused and later served from history. */
  readonly watchQueueBatchesMax: number
  /** History records given to lagging watchers before others may run. */
  readonly catchUpRecordsPerSlice: number
  /** Lagging watchers served together in one slice. */
  readonly catchUpWatchersPerSlice: number
  /** Events that all watchers of a slice may be given together, roughly. */
  readonly catchUpDeliveriesPerSlice: number
  /** Old revisions freed before others may run. */
  readonly compactRecordsPerSlice: number
  /** How often an idle watcher that asked for it hears of the progress. */
  readonly progressNotifyIntervalMs: number
  /** A shorter lease is granted this. etcd's bound follows from its election timeout. */
  readonly leaseTtlSecondsMin: number
  readonly leaseTtlSecondsMax: number
  /** Leases ended in one go when many expire at once. */
  readonly leaseExpiriesPerSlice: number
  /** How often the members agree anew on what is left of a long lease. */
  readonly leaseCheckpointIntervalMs: number
}

/** etcd's values where etcd has the bound. */
export const defaultLimits: StoreLimits = {
  txnOpsMax: 128,
  requestBytesMax: 1.5 * 1024 * 1024,
  quotaBytes: 2 * 1024 * 1024 * 1024,
  watchQueueBatchesMax: 1024,
  catchUpRecordsPerSlice: 1000,
  catchUpWatchersPerSlice: 512,
  catchUpDeliveriesPerSlice: 20_000,
  compactRecordsPerSlice: 500,
  progressNotifyIntervalMs: 10 * 60 * 1000,
  leaseTtlSecondsMin: 2,
  leaseTtlSecondsMax: 9_000_000_000,
  leaseExpiriesPerSlice: 500,
  leaseCheckpointIntervalMs: 5 * 60 * 1000,
}
