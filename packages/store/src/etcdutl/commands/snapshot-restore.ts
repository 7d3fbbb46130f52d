import { type Command, CommandError, ExitCode, onlyArgument } from '../command.js'
import { restoreSnapshot } from '../restore.js'

const DEFAULT_PEER_URL = 'http://localhost:2380'

export const snapshotRestore: Command = {
  name: 'snapshot restore',
  usage: '<filename> --data-dir {output dir} [options]',
  summary: 'Restores an etcd member snapshot to an etcd directory',
  flags: {
    'bump-revision': {
      type: 'count',
      default: '0',
      help: 'How much to increase the latest revision after restore',
    },
    'data-dir': {
      type: 'string',
      default: '',
      help: 'Path to the output data directory',
      isRequired: true,
    },
    'initial-advertise-peer-urls': {
      type: 'string',
      default: DEFAULT_PEER_URL,
      help: "List of this member's peer URLs to advertise to the rest of the cluster",
    },
    'initial-cluster': {
      type: 'string',
      default: `default=${DEFAULT_PEER_URL}`,
      help: 'Initial cluster configuration for restore bootstrap',
    },
    'initial-cluster-token': {
      type: 'string',
      default: 'etcd-cluster',
      help: 'Initial cluster token for the etcd cluster during restore bootstrap',
    },
    'initial-memory-map-size': {
      type: 'count',
      default: '0',
      help: 'Taken for compatibility, without effect: nothing is mapped into memory',
    },
    'mark-compacted': {
      type: 'boolean',
      default: 'false',
      help: 'Mark the latest revision after restore as the point of scheduled compaction (required if --bump-revision > 0, disallowed otherwise)',
    },
    name: { type: 'string', default: 'default', help: 'Human-readable name for this member' },
    'skip-hash-check': {
      type: 'boolean',
      default: 'false',
      help: 'Ignore snapshot integrity hash value (required if copied from data directory)',
    },
    'wal-dir': {
      type: 'string',
      default: '',
      help: 'Path to the WAL directory (use --data-dir if none given)',
    },
  },
  async run(args, flags, { log }) {
    const snapshotPath = onlyArgument('snapshot restore', args)
    const revisionBump = flags.count('bump-revision')
    if (revisionBump > 0 !== flags.boolean('mark-compacted')) {
      throw new CommandError(
        '--mark-compacted required if --revision-bump > 0',
        ExitCode.badArguments,
      )
    }
    const name = flags.string('name')
    await restoreSnapshot({
      snapshotPath,
      name,
      dataDir: flags.string('data-dir') || `${name}.etcd`,
      walDir: flags.string('wal-dir') || undefined,
      initialCluster: flags.string('initial-cluster'),
      token: flags.string('initial-cluster-token'),
      peerUrls: flags.string('initial-advertise-peer-urls').split(','),
      skipHashCheck: flags.boolean('skip-hash-check'),
      revisionBump,
      log,
    })
  },
}
