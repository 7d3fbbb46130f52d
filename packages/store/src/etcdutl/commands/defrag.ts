import { openNodeDisk } from '../../disk/node-disk.js'
import type { Log } from '../../log.js'
import { SnapshotStore } from '../../snapshot/snapshot-store.js'
import { openWal, walExists } from '../../wal/wal.js'
import { type Command, CommandError } from '../command.js'

export const defrag: Command = {
  name: 'defrag',
  usage: '--data-dir <dir>',
  summary: 'Defragments the storage of the etcd',
  flags: {
    'data-dir': {
      type: 'string',
      default: '',
      help: 'Required. Defragments a data directory not in use by etcd',
      isRequired: true,
    },
  },
  async run(_args, flags, { log }) {
    const dataDir = flags.string('data-dir')
    try {
      await defragment(dataDir, log)
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause)
      throw new CommandError(`failed to defragment etcd data[${dataDir}] (${problem})`, undefined, {
        cause,
      })
    }
  },
}

/**
 * A state is written without holes. What can be given back are the older states, and the log that
 * only they need.
 */
async function defragment(dataDir: string, log: Log): Promise<void> {
  const disk = openNodeDisk(dataDir)
  if (!(await walExists(disk, 'member/wal'))) throw new Error('there is no member')
  const lock = await disk.lock('member/lock')
  try {
    const snapshots = new SnapshotStore(disk, 'member/snap', { log })
    const newest = await snapshots.openNewest()
    const at = { index: newest?.index ?? 0, term: newest?.term ?? 0 }
    const { wal } = await openWal(disk, 'member/wal', { at, log })
    if (newest !== undefined) {
      await snapshots.prune(1)
      await wal.release(at)
    }
    await wal.close()
    log.info('finished defragmenting', { 'data-dir': dataDir, 'snapshot-index': at.index })
  } finally {
    await lock.release()
  }
}
