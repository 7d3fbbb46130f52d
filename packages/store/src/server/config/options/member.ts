import { option } from '../option.js'
import { boolean, duration, int, oneOf, string, uint, uint32, urls } from '../value-type.js'

export const DEFAULT_NAME = 'default'
export const DEFAULT_PEER_URL = 'http://localhost:2380'
export const DEFAULT_CLIENT_URL = 'http://localhost:2379'

export const memberOptions = {
  name: option(string, DEFAULT_NAME, 'The name of this member.'),
  'data-dir': option(string, '', 'The folder in which this member keeps everything.', {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: not ours to fill in, but shown so
    shownDefault: '${name}.etcd',
  }),
  'wal-dir': option(string, '', 'A folder of its own for the write-ahead log.'),
  'snapshot-count': option(uint, 10_000, 'Applied entries after which the state is saved anew.'),
  'snapshot-catchup-entries': option(
    uint,
    5000,
    'Entries kept in the log before a snapshot, for members that are a little behind.',
  ),
  'heartbeat-interval': option(uint, 100, 'Milliseconds between two heartbeats of the leader.'),
  'election-timeout': option(
    uint,
    1000,
    'Milliseconds without a heartbeat after which a member stands for election.',
  ),
  'initial-election-tick-advance': option(
    boolean,
    true,
    'Shorten the first wait for a leader after a start.',
    { status: 'ignored' },
  ),
  'listen-peer-urls': option(urls, [DEFAULT_PEER_URL], 'Where to listen for the other members.'),
  'listen-client-urls': option(urls, [DEFAULT_CLIENT_URL], 'Where to listen for clients.'),
  'listen-client-http-urls': option(
    urls,
    [],
    'Where to listen for HTTP/1.1 of clients. When set, --listen-client-urls serve gRPC alone.',
  ),
  'max-snapshots': option(uint, 5, 'Snapshot files to keep (0: all).'),
  'max-wals': option(uint, 5, 'Files of the write-ahead log to keep (0: all).', {
    status: 'ignored',
  }),
  'memory-mlock': option(boolean, false, 'Keep the memory from being swapped out.', {
    status: 'ignored',
  }),
  'quota-backend-bytes': option(
    int,
    0,
    'Size of the database that raises the NOSPACE alarm (0: 2 GiB; negative: none).',
  ),
  'backend-bbolt-freelist-type': option(oneOf('array', 'map'), 'map', 'For the database file.', {
    status: 'ignored',
  }),
  'backend-batch-interval': option(duration, 0, 'Longest time between two commits.', {
    status: 'ignored',
    shownDefault: '',
  }),
  'backend-batch-limit': option(int, 0, 'Most operations between two commits.', {
    status: 'ignored',
  }),
  'max-txn-ops': option(uint, 128, 'Most operations in a transaction.'),
  'max-request-bytes': option(uint, 1_572_864, 'Largest request of a client, in bytes.'),
  'max-concurrent-streams': option(
    uint32,
    0xffffffff,
    'Most calls and streams that a client may have open at a time.',
    { shownDefault: 'math.MaxUint32' },
  ),
  'warning-apply-duration': option(
    duration,
    100,
    'A request that takes longer to apply is logged as slow.',
    { status: 'ignored' },
  ),
  'warning-unary-request-duration': option(
    duration,
    300,
    'A call that takes longer is logged as slow.',
    { status: 'ignored' },
  ),
  'bootstrap-defrag-threshold-megabytes': option(
    uint,
    0,
    'Free space in the database file beyond which it is defragmented at the start.',
    { status: 'ignored' },
  ),
  'grpc-keepalive-min-time': option(
    duration,
    5_000,
    'A client that pings more often than this is disconnected.',
    { status: 'ignored' },
  ),
  'grpc-keepalive-interval': option(
    duration,
    7_200_000,
    'How often a silent client is pinged (0: never).',
  ),
  'grpc-keepalive-timeout': option(
    duration,
    20_000,
    'How long the answer to a ping may take (0: as long as it likes).',
  ),
  'wait-cluster-ready-timeout': option(
    duration,
    5_000,
    'How long clients wait for the cluster; then they are served what needs no cluster.',
  ),
  'socket-reuse-port': option(boolean, false, 'Set SO_REUSEPORT on the listeners.', {
    status: 'ignored',
  }),
  'socket-reuse-address': option(boolean, false, 'Set SO_REUSEADDR on the listeners.', {
    status: 'ignored',
  }),
  'raft-read-timeout': option(duration, 5_000, 'Longest silence of a peer while reading from it.', {
    status: 'ignored',
  }),
  'raft-write-timeout': option(duration, 5_000, 'Longest silence of a peer while writing to it.', {
    status: 'ignored',
  }),
}
