/** The bounds of the ways between members. Every one can be set. */
export interface PeerLimits {
  /** Until a peer answers the request that opens a stream. */
  readonly dialTimeoutMs: number
  /** Until a single message is answered. */
  readonly postTimeoutMs: number
  /** Until a `call` is answered. */
  readonly callTimeoutMs: number
  /** A stream on which nothing came for so long is dead: there are heartbeats on it. */
  readonly readTimeoutMs: number
  /** Heartbeats of an idle stream are that far apart. */
  readonly linkHeartbeatMs: number
  /** Before a stream that broke is opened again: from the first, doubled, up to the last. */
  readonly redialMs: readonly [min: number, max: number]
  /** Writes, and their bytes, that wait in a stream for a slow peer; what is beyond is dropped. */
  readonly queuedWritesMax: number
  readonly queuedBytesMax: number
  /** Messages that wait while there is no stream, and those on their way. */
  readonly postsQueuedMax: number
  readonly postsInFlightMax: number
  /** A message, with its entries. */
  readonly messageBytesMax: number
  /** A question of another member, besides Raft. */
  readonly questionBytesMax: number
  /** Sent at once, and received at once. */
  readonly snapshotsInFlightMax: number
  /** A snapshot that doesn't move for so long is given up. */
  readonly snapshotStallMs: number
  /** Times of the way to a peer and back are measured that far apart. */
  readonly probeMs: number
  /** Strangers of our cluster whom we answer until the log tells of them. */
  readonly remotesMax: number
}

/** etcd's values where etcd has the bound. */
export const defaultPeerLimits: PeerLimits = {
  dialTimeoutMs: 2000,
  postTimeoutMs: 5000,
  callTimeoutMs: 7000,
  readTimeoutMs: 5000,
  linkHeartbeatMs: 1666,
  redialMs: [100, 1000],
  queuedWritesMax: 4096,
  queuedBytesMax: 64 * 1024 * 1024,
  postsQueuedMax: 64,
  postsInFlightMax: 4,
  messageBytesMax: 128 * 1024 * 1024,
  questionBytesMax: 64 * 1024,
  snapshotsInFlightMax: 4,
  snapshotStallMs: 30_000,
  probeMs: 4000,
  remotesMax: 16,
}
