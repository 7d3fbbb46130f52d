/** The bounds of the network services. */
export interface RpcLimits {
  /** Of a request's keys and values. etcd's `--max-request-bytes`. */
  readonly requestBytesMax: number
  /** What a request may be longer than that, on the wire. */
  readonly requestOverheadBytes: number
  /** Calls at a time on one connection. etcd's `--max-concurrent-streams`. */
  readonly concurrentStreamsMax: number
  /** Sent and not yet taken by the network, of one call: beyond it the call is congested. */
  readonly congestedBytes: number
  /** Compares, or operations of one branch, in a transaction. etcd's `--max-txn-ops`. */
  readonly txnOpsMax: number
  /** Watches on one stream. */
  readonly watchesPerStreamMax: number
}

/** etcd's values where etcd has the bound. */
export const defaultRpcLimits: RpcLimits = {
  requestBytesMax: 1.5 * 1024 * 1024,
  requestOverheadBytes: 512 * 1024,
  concurrentStreamsMax: 0xffff_ffff,
  congestedBytes: 256 * 1024,
  txnOpsMax: 128,
  watchesPerStreamMax: 100_000,
}
