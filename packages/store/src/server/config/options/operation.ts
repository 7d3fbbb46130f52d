import { option } from '../option.js'
import { boolean, duration, int, string, strings, urls } from '../value-type.js'

const ignored = { status: 'ignored' } as const

export const monitoringOptions = {
  'enable-pprof': option(
    boolean,
    false,
    'Serve profiles, which this program does not have.',
    ignored,
  ),
  metrics: option(string, 'basic', "'extensive' adds how long each method takes."),
  'listen-metrics-urls': option(urls, [], 'Where to serve /metrics and health checks apart.'),
}

export const loggingOptions = {
  logger: option(string, 'zap', "Only 'zap': structured logs."),
  'log-outputs': option(
    strings,
    ['default'],
    "'stderr' (which is the default), 'stdout' or files, separated by commas.",
  ),
  'log-level': option(string, 'info', 'One of debug, info, warn, error, panic and fatal.'),
  'log-format': option(string, 'json', "'json' or 'console'."),
  'enable-log-rotation': option(boolean, false, 'Rotate a log file.', ignored),
  'log-rotation-config-json': option(string, '', 'How to rotate it.', {
    ...ignored,
    shownDefault: '',
  }),
}

export const tracingOptions = {
  'enable-distributed-tracing': option(boolean, false, 'Send traces.', ignored),
  'distributed-tracing-address': option(string, 'localhost:4317', 'Where to.', ignored),
  'distributed-tracing-service-name': option(string, 'etcd', 'As whom.', ignored),
  'distributed-tracing-instance-id': option(string, '', 'As which of them.', ignored),
  'distributed-tracing-sampling-rate': option(int, 0, 'How many of a million.', ignored),
}

export const featureOptions = {
  'corrupt-check-time': option(duration, 0, 'How often the members compare their data (0: never).'),
  'compact-hash-check-time': option(
    duration,
    60_000,
    'How often the leader compares the hashes of compactions.',
    ignored,
  ),
  'compaction-batch-limit': option(int, 1000, 'Revisions freed in one slice of a compaction.'),
  'compaction-sleep-interval': option(duration, 10, 'Pause between two slices.', ignored),
  'watch-progress-notify-interval': option(
    duration,
    600_000,
    'How often an idle watch that asks for it hears of the progress.',
  ),
  'enable-grpc-gateway': option(boolean, true, 'Serve the API as JSON over HTTP/1.1.'),
  'feature-gates': option(string, '', 'Features to switch, as Name=true,Name=false.', {
    status: 'ignored',
  }),
  'experimental-initial-corrupt-check': option(
    boolean,
    false,
    "Compare this member's data with the others' before serving anybody.",
    ignored,
  ),
  'experimental-compact-hash-check-enabled': option(
    boolean,
    false,
    'Compare hashes after compactions.',
    ignored,
  ),
  'experimental-enable-lease-checkpoint': option(
    boolean,
    false,
    'Keep how much time leases have left when the leader changes: it is always done.',
  ),
  'experimental-enable-lease-checkpoint-persist': option(
    boolean,
    false,
    'The same across restarts: it is always done.',
  ),
  'experimental-stop-grpc-service-on-defrag': option(
    boolean,
    false,
    'Take no calls during a defragmentation.',
    ignored,
  ),
  'experimental-txn-mode-write-with-shared-buffer': option(boolean, true, 'No effect.', ignored),
  'experimental-enable-v2v3': option(string, '', 'Serve API v2 under a prefix.', ignored),
}

export const unsafeOptions = {
  'force-new-cluster': option(
    boolean,
    false,
    'Make this member the only one of its cluster, from what it has on disk.',
  ),
  'unsafe-no-fsync': option(
    boolean,
    false,
    'Do not wait for the disk: a crash of the machine loses what was acknowledged.',
  ),
}
