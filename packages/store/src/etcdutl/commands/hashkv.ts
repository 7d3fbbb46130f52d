import { hashKv } from '../../backend/kv-hash.js'
import { readState } from '../../backend/read-state.js'
import { eventLoopTurn } from '../../clock.js'
import { type Command, CommandError } from '../command.js'
import { printAnswer } from '../print-answer.js'
import { readSnapshotFile } from '../snapshot-file.js'

/** Freed at once: nobody else waits. */
const RECORDS_PER_SLICE = 100_000

export const hashkv: Command = {
  name: 'hashkv',
  usage: '<filename>',
  summary: 'Prints the KV history hash of a given file',
  flags: {
    rev: {
      type: 'count',
      default: '0',
      help: 'maximum revision to hash (default: latest revision)',
    },
  },
  async run(args, flags, out) {
    const [path] = args
    if (path === undefined || args.length > 1) {
      throw new CommandError(`accepts 1 arg(s), received ${args.length}`)
    }
    const { mvcc } = await readState(await readSnapshotFile(path, out.log))
    while (!mvcc.compactSlice(RECORDS_PER_SLICE)) out.log.info('finishing the compaction')
    const { hash, hashRevision, compactRevision } = await hashKv(
      mvcc,
      flags.count('rev'),
      eventLoopTurn,
    )
    printAnswer(
      {
        table: [
          ['hash', String(hash)],
          ['hash revision', String(hashRevision)],
          ['compact revision', String(compactRevision)],
        ],
        fields: [
          ['Hash', hash],
          ['Hash revision', hashRevision],
          ['Compact revision', compactRevision],
        ],
        json: { hash, hashRevision, compactRevision },
      },
      flags.string('write-out'),
      out,
    )
  },
}
