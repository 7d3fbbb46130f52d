import type { DiskMetrics, LeaseMetrics, MvccMetrics } from '../../metrics/metrics.js'
import { exponential, type MetricFactory } from './factory.js'

const MILLISECONDS = 1000

export function diskMetrics(factory: MetricFactory): DiskMetrics {
  const seconds = (name: string, help: string, buckets = exponential(0.001, 2, 14)) =>
    factory.histogram(`etcd_disk_${name}_duration_seconds`, help, buckets)
  return {
    walFsyncSeconds: seconds('wal_fsync', 'How long the disk takes to keep what the log wrote.'),
    walWriteBytes: factory.counter('etcd_disk_wal_write_bytes_total', 'Bytes written to the log.'),
    backendCommitSeconds: seconds('backend_commit', 'How long it takes to commit to the state.'),
    backendSnapshotSeconds: seconds(
      'backend_snapshot',
      'How long a backup takes.',
      exponential(0.01, 2, 17),
    ),
    backendDefragSeconds: seconds(
      'backend_defrag',
      'How long a defragmentation takes.',
      exponential(0.1, 2, 13),
    ),
    snapshotSaveSeconds: factory.histogram(
      'etcd_debugging_snap_save_total_duration_seconds',
      'How long saving the state takes.',
      exponential(0.001, 2, 14),
    ),
  }
}

export function mvccMetrics(factory: MetricFactory): MvccMetrics {
  const counter = (name: string, help: string) => factory.counter(`etcd_mvcc_${name}`, help)
  const gauge = (name: string, help: string) => factory.gauge(`etcd_mvcc_${name}`, help)
  const debug = (name: string) => `etcd_debugging_mvcc_${name}`
  return {
    ranges: counter('range_total', 'Ranges read.'),
    puts: counter('put_total', 'Keys put.'),
    deletes: counter('delete_total', 'Deletions.'),
    txns: counter('txn_total', 'Transactions.'),
    putBytes: counter('total_put_size_in_bytes', 'Bytes of the keys and values put.'),
    keys: factory.gauge(debug('keys_total'), 'Keys.'),
    watchStreams: factory.gauge(debug('watch_stream_total'), 'Watch streams.'),
    watchers: factory.gauge(debug('watcher_total'), 'Watches.'),
    slowWatchers: factory.gauge(debug('slow_watcher_total'), 'Watches that lag behind.'),
    events: factory.counter(debug('events_total'), 'Events sent.'),
    pendingEvents: factory.gauge(debug('pending_events_total'), 'Events to be sent.'),
    currentRevision: factory.gauge(debug('current_revision'), 'The newest revision.'),
    compactRevision: factory.gauge(debug('compact_revision'), 'The last compaction.'),
    compactedKeys: factory.counter(
      debug('db_compaction_keys_total'),
      'Revisions freed by compactions.',
    ),
    compactionPauseSeconds: factory.histogram(
      debug('db_compaction_pause_duration_milliseconds'),
      'How long one slice of a compaction takes.',
      exponential(1, 2, 13),
      MILLISECONDS,
    ),
    dbSizeBytes: gauge('db_total_size_in_bytes', 'Size of the database.'),
    dbSizeInUseBytes: gauge('db_total_size_in_use_in_bytes', 'What of it is in use.'),
    openReads: gauge('db_open_read_transactions', 'Readers of the database.'),
    hashSeconds: factory.histogram(
      'etcd_mvcc_hash_duration_seconds',
      'How long it takes to hash the database.',
      exponential(0.01, 2, 15),
    ),
    hashKvSeconds: factory.histogram(
      'etcd_mvcc_hash_rev_duration_seconds',
      'How long it takes to hash the keys of a revision.',
      exponential(0.01, 2, 15),
    ),
  }
}

export function leaseMetrics(factory: MetricFactory): LeaseMetrics {
  const counter = (name: string, help: string) =>
    factory.counter(`etcd_debugging_lease_${name}_total`, help)
  return {
    granted: counter('granted', 'Leases granted.'),
    revoked: counter('revoked', 'Leases revoked.'),
    renewed: counter('renewed', "Leases whose time began anew, by their leader's account."),
    expired: factory.counter('etcd_debugging_server_lease_expired_total', 'Leases that ran out.'),
    grantedTtlSeconds: factory.histogram(
      'etcd_debugging_lease_ttl_total',
      'For how long leases were granted, in seconds.',
      exponential(1, 2, 24),
    ),
  }
}
