import { readDatabase } from '../../bbolt/read-database.js'
import { type Command, onlyArgument } from '../command.js'
import { statusOf } from '../database-status.js'
import { humanBytes, printAnswer } from '../print-answer.js'
import { readSnapshotFile } from '../snapshot-file.js'

export const snapshotStatus: Command = {
  name: 'snapshot status',
  usage: '<filename>',
  summary: 'Gets backend snapshot status of a given file',
  flags: {},
  async run(args, flags, out) {
    const path = onlyArgument('snapshot status', args)
    const status = statusOf(readDatabase(await readSnapshotFile(path, out.log)))
    const { hash, revision, totalKey, totalSize, version } = status
    printAnswer(
      {
        table: [
          ['hash', hash.toString(16)],
          ['revision', String(revision)],
          ['total keys', String(totalKey)],
          ['total size', humanBytes(totalSize)],
          ['version', version],
        ],
        fields: [
          ['Hash', hash],
          ['Revision', revision],
          ['Keys', totalKey],
          ['Size', totalSize],
          ['Version', version],
        ],
        json: status,
      },
      flags.string('write-out'),
      out,
    )
  },
}
