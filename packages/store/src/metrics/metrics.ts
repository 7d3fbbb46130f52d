/**
 * What a member counts and measures, under the names of etcd's metrics (which server/metrics/ gives
 * them). Handed in like the log: whoever counts knows no library. Durations are in seconds.
 */
export interface Metrics {
  readonly server: ServerMetrics
  readonly disk: DiskMetrics
  readonly mvcc: MvccMetrics
  readonly lease: LeaseMetrics
  readonly network: NetworkMetrics
  readonly grpc: GrpcMetrics
  /** `refresh` sets what is cheaper to read when somebody asks than to keep up to date. */
  beforeScrape(refresh: () => void): void
}

export interface Counter {
  /** Default: one. */
  add(count?: number): void
}

export interface Gauge {
  set(value: number): void
}

export interface Histogram {
  /** `count` times the same value; default: once. */
  observe(value: number, count?: number): void
}

export interface ServerMetrics {
  /** 1 or 0. */
  readonly hasLeader: Gauge
  readonly isLeader: Gauge
  readonly isLearner: Gauge
  /** The member's id in hex. */
  setId(id: string): void
  readonly leaderChanges: Counter
  readonly learnerPromotions: Counter
  readonly heartbeatSendFailures: Counter
  /** The index up to which entries are committed, and applied. */
  readonly proposalsCommitted: Gauge
  readonly proposalsApplied: Gauge
  readonly proposalsPending: Gauge
  readonly proposalsFailed: Counter
  /** Applied in more than 100 ms. */
  readonly slowApplies: Counter
  readonly applySeconds: Histogram
  readonly slowReadIndexes: Counter
  readonly readIndexesFailed: Counter
  readonly snapshotAppliesInProgress: Gauge
  readonly quotaBytes: Gauge
  readonly authRevision: Gauge
}

export interface DiskMetrics {
  readonly walFsyncSeconds: Histogram
  readonly walWriteBytes: Counter
  /** Until what was applied is readable; there is no database file to commit to. */
  readonly backendCommitSeconds: Histogram
  readonly backendSnapshotSeconds: Histogram
  readonly backendDefragSeconds: Histogram
  readonly snapshotSaveSeconds: Histogram
}

export interface MvccMetrics {
  readonly ranges: Counter
  readonly puts: Counter
  readonly deletes: Counter
  readonly txns: Counter
  readonly putBytes: Counter
  readonly keys: Gauge
  readonly watchStreams: Gauge
  readonly watchers: Gauge
  readonly slowWatchers: Gauge
  readonly events: Counter
  readonly pendingEvents: Gauge
  readonly currentRevision: Gauge
  readonly compactRevision: Gauge
  readonly compactedKeys: Counter
  readonly compactionPauseSeconds: Histogram
  readonly dbSizeBytes: Gauge
  readonly dbSizeInUseBytes: Gauge
  readonly openReads: Gauge
  readonly hashSeconds: Histogram
  readonly hashKvSeconds: Histogram
}

export interface LeaseMetrics {
  readonly granted: Counter
  readonly revoked: Counter
  readonly renewed: Counter
  readonly expired: Counter
  readonly grantedTtlSeconds: Histogram
}

export interface NetworkMetrics {
  /** The counters of one peer, by its id in hex. The same object each time. */
  peer(id: string): PeerMetrics
  readonly snapshotSendsInFlight: Gauge
  readonly snapshotReceivesInFlight: Gauge
  readonly clientReceivedBytes: Counter
  readonly clientSentBytes: Counter
}

export interface PeerMetrics {
  readonly sentBytes: Counter
  readonly receivedBytes: Counter
  readonly sendFailures: Counter
  readonly receiveFailures: Counter
  readonly roundTripSeconds: Histogram
  /** 1 or 0. */
  readonly active: Gauge
  readonly disconnects: Counter
}

export type GrpcCallType = 'unary' | 'client_stream' | 'server_stream' | 'bidi_stream'

export interface GrpcMetrics {
  /** The counters of one method (`etcdserverpb.KV`, `Range`). Ask once and keep it. */
  method(type: GrpcCallType, service: string, method: string): GrpcMethodMetrics
}

export interface GrpcMethodMetrics {
  readonly started: Counter
  readonly received: Counter
  readonly sent: Counter
  /** From its request to its answer. */
  readonly seconds: Histogram
  /** `code` in gRPC's words: `OK`, `NotFound`. */
  handled(code: string): void
}

const nothing = { add() {}, set() {}, observe() {} }
const silentPeer: PeerMetrics = {
  sentBytes: nothing,
  receivedBytes: nothing,
  sendFailures: nothing,
  receiveFailures: nothing,
  roundTripSeconds: nothing,
  active: nothing,
  disconnects: nothing,
}
const silentMethod: GrpcMethodMetrics = {
  started: nothing,
  received: nothing,
  sent: nothing,
  seconds: nothing,
  handled() {},
}

/** For whoever isn't asked. */
export const silentMetrics: Metrics = {
  server: {
    hasLeader: nothing,
    isLeader: nothing,
    isLearner: nothing,
    setId() {},
    leaderChanges: nothing,
    learnerPromotions: nothing,
    heartbeatSendFailures: nothing,
    proposalsCommitted: nothing,
    proposalsApplied: nothing,
    proposalsPending: nothing,
    proposalsFailed: nothing,
    slowApplies: nothing,
    applySeconds: nothing,
    slowReadIndexes: nothing,
    readIndexesFailed: nothing,
    snapshotAppliesInProgress: nothing,
    quotaBytes: nothing,
    authRevision: nothing,
  },
  disk: {
    walFsyncSeconds: nothing,
    walWriteBytes: nothing,
    backendCommitSeconds: nothing,
    backendSnapshotSeconds: nothing,
    backendDefragSeconds: nothing,
    snapshotSaveSeconds: nothing,
  },
  mvcc: {
    ranges: nothing,
    puts: nothing,
    deletes: nothing,
    txns: nothing,
    putBytes: nothing,
    keys: nothing,
    watchStreams: nothing,
    watchers: nothing,
    slowWatchers: nothing,
    events: nothing,
    pendingEvents: nothing,
    currentRevision: nothing,
    compactRevision: nothing,
    compactedKeys: nothing,
    compactionPauseSeconds: nothing,
    dbSizeBytes: nothing,
    dbSizeInUseBytes: nothing,
    openReads: nothing,
    hashSeconds: nothing,
    hashKvSeconds: nothing,
  },
  lease: {
    granted: nothing,
    revoked: nothing,
    renewed: nothing,
    expired: nothing,
    grantedTtlSeconds: nothing,
  },
  network: {
    peer: () => silentPeer,
    snapshotSendsInFlight: nothing,
    snapshotReceivesInFlight: nothing,
    clientReceivedBytes: nothing,
    clientSentBytes: nothing,
  },
  grpc: { method: () => silentMethod },
  beforeScrape() {},
}
