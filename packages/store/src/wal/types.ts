import type { Entry, HardState, NodeId, SnapshotMetadata } from '../raft/types.js'

/** Whose log it is; the first record of every segment. */
export interface WalMetadata {
  readonly nodeId: NodeId
  readonly clusterId: bigint
}

/** Which snapshot the log goes on from. */
export interface WalSnapshot {
  readonly index: number
  readonly term: number
}

/** What a log held when it was opened. */
export interface WalContents {
  readonly metadata: WalMetadata
  readonly hardState: HardState
  /** After the snapshot that it was opened at, without gaps; the last writer of an index wins. */
  readonly entries: readonly Entry[]
}

/** The write-ahead log of one member. */
export interface Wal {
  /**
   * Writes both; durable when it resolves, unless `mustSync` is false. Calls may overlap: those
   * that arrive while a sync is under way share the next one, in their order. After a failure the
   * log takes nothing any more, and every call rejects with that failure.
   */
  save(
    hardState: HardState | undefined,
    entries: readonly Entry[],
    mustSync: boolean,
  ): Promise<void>
  /** Marks that a snapshot is safely stored: durable when it resolves. */
  saveSnapshot(snapshot: SnapshotMetadata): Promise<void>
  /** Lets go of segments that only hold what `snapshot` covers. They are recycled or removed. */
  release(snapshot: WalSnapshot): Promise<void>
  /** Finishes what is under way. */
  close(): Promise<void>
}
