/**
 * What was done to keys since the process began, in plain numbers: every put is counted. As etcd
 * counts: a comparison reads a range, and so does a put or a deletion that needs what was there
 * before; more than one operation at once is a transaction. Source: etcd, mvcc/metrics_txn.go.
 */
export class OperationCounts {
  ranges = 0
  puts = 0
  /** Deletions of ranges, whatever was in them. */
  deletes = 0
  txns = 0
  /** Of keys and values that were put. */
  putBytes = 0

  get operations(): number {
    return this.ranges + this.puts + this.deletes
  }

  /** What happened since `operations` was this, happened at once. */
  endTxn(operationsBefore: number): void {
    if (this.operations - operationsBefore > 1) this.txns++
  }
}
