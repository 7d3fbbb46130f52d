import { openNodeDisk } from '../disk/node-disk.js'
import type { Entry } from '../raft/types.js'
import { createWal, openWal, walExists } from './wal.js'

const metadata = { nodeId: 1n, clusterId: 2n }

/** Saves under way at the same time. */
const CONCURRENCY = 8

/** What the entry at an index holds, whoever writes it. */
export function entryAt(index: number): Entry {
  const data = Buffer.alloc(((index * 7919) % 900) + 8, index % 251)
  data.writeDoubleLE(index)
  return { type: 'EntryNormal', term: 1, index, data }
}

export function openAppended(root: string) {
  return openWal(openNodeDisk(root), 'wal', { at: { index: 0, term: 0 }, segmentBytes: 64 * 1024 })
}

/**
 * Appends until it is killed, and prints the index of each entry that is durable.
 *
 * @public (by the process that kill.test.ts bundles)
 */
export async function append(root: string): Promise<never> {
  const disk = openNodeDisk(root)
  await disk.lock('lock')
  if (!(await walExists(disk, 'wal'))) {
    await (await createWal(disk, 'wal', metadata, { segmentBytes: 64 * 1024 })).close()
  }
  const { wal, contents } = await openAppended(root)
  let next = contents.entries.length + 1
  const worker = async (): Promise<never> => {
    for (;;) {
      const index = next++
      const hardState = { term: 1, vote: 1n, commit: Math.max(0, index - CONCURRENCY) }
      await wal.save(hardState, [entryAt(index)], true)
      process.stdout.write(`${index}\n`)
    }
  }
  return Promise.race(Array.from({ length: CONCURRENCY }, worker))
}
