import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../disk/simulated-disk.js'
import { type Log, silentLog } from '../log.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { SnapshotStore } from './snapshot-store.js'

const bytes = (text: string) => Buffer.from(text)

let disk: SimulatedDisk

beforeEach(async () => {
  disk = new SimulatedDisk({ random: new SeededRandom(1) })
  await disk.makeFolder('snap')
})

const textOf = async (
  store: SnapshotStore,
  isAcceptable?: (name: { index: number }) => boolean,
) => {
  const found = await store.openNewest(isAcceptable)
  return found && [found.term, found.index, Buffer.from(found.bytes).toString()]
}

describe('a snapshot', () => {
  it('is a file named by its term and index: what was given, and its SHA-256', async () => {
    const store = new SnapshotStore(disk, 'snap')
    await store.save({ term: 2, index: 0x1234 }, [bytes('data'), bytes('base')])
    expect(await disk.list('snap')).toEqual(['0000000000000002-0000000000001234.db'])
    const file = await disk.open('snap/0000000000000002-0000000000001234.db')
    const sum = createHash('sha256').update('database').digest()
    expect(Buffer.from(await file.read(0, 100))).toEqual(Buffer.concat([bytes('database'), sum]))
    expect(await textOf(store)).toEqual([2, 0x1234, 'database'])
  })

  it('is written from a stream, and leaves nothing behind when that fails', async () => {
    const store = new SnapshotStore(disk, 'snap')
    async function* stream() {
      yield bytes('a')
      yield bytes('b')
      throw new Error('the peer is gone')
    }
    await expect(store.save({ term: 1, index: 1 }, stream())).rejects.toThrow('the peer is gone')
    expect(await disk.list('snap')).toEqual([])
    expect(await textOf(store)).toBeUndefined()
  })

  it('that does not fit leaves nothing behind, and the older ones are there', async () => {
    const store = new SnapshotStore(disk, 'snap')
    await store.save({ term: 1, index: 1 }, [bytes('old')])
    disk.capacityBytes = disk.usedBytes + 10
    const saving = store.save({ term: 1, index: 2 }, [bytes('a new state of 24 bytes.')])
    await expect(saving).rejects.toMatchObject({ name: 'DiskError', code: 'full' })
    expect(await disk.list('snap')).toHaveLength(1)
    expect(await textOf(store)).toEqual([1, 1, 'old'])
  })
})

it('the newest one is opened that is acceptable and not damaged', async () => {
  const damages: unknown[] = []
  const log: Log = { ...silentLog, error: (message, fields) => damages.push(message, fields) }
  const store = new SnapshotStore(disk, 'snap', { log })
  for (const [term, index] of [
    [1, 9],
    [1, 10],
    [2, 11],
    [2, 12],
  ] as const) {
    await store.save({ term, index }, [bytes(`state ${index}`)])
  }
  expect(await store.list()).toMatchObject([
    { index: 12 },
    { index: 11 },
    { index: 10 },
    { index: 9 },
  ])
  disk.flip('snap/0000000000000002-000000000000000b.db', 3, 1)
  expect(await textOf(store)).toEqual([2, 12, 'state 12'])
  expect(await textOf(store, ({ index }) => index < 12)).toEqual([1, 10, 'state 10'])
  const path = 'snap/0000000000000002-000000000000000b.db.broken'
  expect(damages).toEqual(['set aside a damaged snapshot', { path }])
  expect(await disk.list('snap')).toContain(path.slice('snap/'.length))
  expect(await store.list()).toMatchObject([{ index: 12 }, { index: 10 }, { index: 9 }])
  await store.prune(1)
  expect(await disk.list('snap')).toEqual([
    '0000000000000002-000000000000000b.db.broken',
    '0000000000000002-000000000000000c.db',
  ])
})

it('what is newer than the state is wanted yet, and not pruned', async () => {
  for (const index of [20, 30, 40, 50]) {
    await new SnapshotStore(disk, 'snap').save({ index, term: 3 }, [bytes('state')])
  }
  const store = new SnapshotStore(disk, 'snap')
  await store.prune(1, 30)
  expect((await store.list()).map(({ index }) => index)).toEqual([50, 40, 30])
})

it('a file that is shorter than its checksum is damaged', async () => {
  const file = await disk.open('snap/0000000000000001-0000000000000001.db', { create: 'new' })
  await file.write(0, [bytes('short')])
  expect(await textOf(new SnapshotStore(disk, 'snap'))).toBeUndefined()
})

it('wherever the power is lost, there is the new state or the old one', async () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new SeededRandom(seed)
    disk = new SimulatedDisk({ random })
    await disk.makeFolder('snap')
    await new SnapshotStore(disk, 'snap').save({ term: 1, index: 1 }, [bytes('old')])
    disk.haltAfter(seed % 10)
    const save = new SnapshotStore(disk, 'snap').save(
      { term: 1, index: 2 },
      Array.from({ length: 3 }, (_, i) => Buffer.alloc(5000, i)),
    )
    const isDurable = await Promise.race([save.then(() => true), disk.halted.then(() => false)])
    const after = disk.crash()
    const found = await new SnapshotStore(after, 'snap').openNewest()
    expect(found?.bytes.length).toBe(found?.index === 2 ? 15_000 : 3)
    if (isDurable) expect(found?.index).toBe(2)
    expect((await after.list('snap')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  }
})
