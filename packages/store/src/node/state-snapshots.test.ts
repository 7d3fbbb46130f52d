import { describe, expect, it } from 'vitest'
import type { StateView } from '../backend/state.js'
import { SimulatedDisk } from '../disk/simulated-disk.js'
import { silentLog } from '../log.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { SnapshotStore } from '../snapshot/snapshot-store.js'
import { memoryWal } from '../wal/memory-wal.js'
import { StateSnapshots } from './state-snapshots.js'

const MIB = 1024 * 1024

/** Applies `entries` of `entryBytes` to a state whose files have `stateBytes`, and counts them. */
async function snapshotsOf(stateBytes: number, entries: number, entryBytes: number) {
  const disk = new SimulatedDisk({ random: new SeededRandom(1) })
  let appliedIndex = 0
  let count = 0
  const snapshots = new StateSnapshots(
    {
      store: new SnapshotStore(disk, ''),
      wal: memoryWal,
      log: silentLog,
      view: () => ({ appliedIndex, appliedTerm: 1, mvcc: { release() {} } }) as StateView,
      write: async () => {
        count++
        return { sizeBytes: stateBytes, chunks: noBytes() }
      },
      entriesPerSnapshot: 1000,
      kept: 5,
      onFailure: (error) => {
        throw error
      },
    },
    { index: 0, sizeBytes: 0 },
  )
  while (appliedIndex < entries) {
    appliedIndex += 100
    snapshots.onApplied(100, 100 * entryBytes)
    await snapshots.close()
  }
  return count
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

describe('a snapshot of the state', () => {
  it.each([
    ['every 1,000 entries while it is small', MIB, 10],
    ['of 10 MiB after each 10 MiB of the log', 10 * MIB, 2],
    ['of 100 MiB not again before the log has grown by that', 100 * MIB, 1],
  ])('is written %s', async (_, stateBytes, count) => {
    // 10,000 entries are 20 MiB of the log; what the first one takes is not known before.
    expect(await snapshotsOf(stateBytes, 10_000, 2 * 1024)).toBe(count)
  })
})
