import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../disk/simulated-disk.js'
import type { Entry } from '../raft/types.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { PREFACE_BYTES, recordBytes, segmentFileName } from './format.js'
import { type CreateWalOptions, createWal, openWal, walExists } from './wal.js'
import { WalError } from './wal-error.js'

const metadata = { nodeId: 0x8e9e05c52164694dn, clusterId: 0xcdf818194e3a8c32n }
const NOTHING = { index: 0, term: 0 }
const FIRST = `wal/${segmentFileName({ number: 0, firstIndex: 0 })}`
const segmentBytes = 4096

const entry = (index: number, term = 1, text = `put ${index}`): Entry => ({
  type: 'EntryNormal',
  term,
  index,
  data: Buffer.from(text),
})

const entries = (from: number, to: number, term = 1): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, term))

const newDisk = () => new SimulatedDisk({ random: new SeededRandom(1) })

const create = (disk: SimulatedDisk, options: CreateWalOptions = {}) =>
  createWal(disk, 'wal', metadata, { segmentBytes, ...options })

const open = (disk: SimulatedDisk, at = NOTHING) => openWal(disk, 'wal', { at, segmentBytes })

const contentsOf = async (disk: SimulatedDisk, at = NOTHING) => {
  const { wal, contents } = await open(disk, at)
  await wal.close()
  return contents
}

const indexesOf = (found: readonly Entry[]) => found.map(({ index }) => index)

const segmentsOf = async (disk: SimulatedDisk) =>
  (await disk.list('wal')).filter((name) => name.endsWith('.wal'))

describe('a log', () => {
  it('has what was saved when it is opened again', async () => {
    const disk = newDisk()
    expect(await walExists(disk, 'wal')).toBe(false)
    const wal = await create(disk)
    const hardState = { term: 1, vote: 7n, commit: 2 }
    await wal.save({ ...hardState, commit: 0 }, [entry(1), entry(2)], true)
    await wal.save(hardState, [], false)
    await wal.close()
    expect(await walExists(disk, 'wal')).toBe(true)
    expect(await contentsOf(disk)).toEqual({ metadata, hardState, entries: entries(1, 2) })
  })

  it('begins with all that it is made with, or not at all', async () => {
    const hardState = { term: 5, vote: 0n, commit: 12 }
    const initial = { snapshot: { index: 10, term: 4 }, hardState, entries: entries(11, 12, 5) }
    for (let operations = 0; operations < 12; operations++) {
      const disk = newDisk()
      disk.haltAfter(operations)
      const isMade = create(disk, { initial }).then(() => true)
      const wasAcknowledged = await Promise.race([isMade, disk.halted.then(() => false)])
      const after = disk.crash()
      const exists = await walExists(after, 'wal')
      if (wasAcknowledged) expect(exists).toBe(true)
      if (!exists) await (await create(after, { initial })).close()
      expect(await contentsOf(after, initial.snapshot)).toMatchObject({
        hardState,
        entries: initial.entries,
      })
    }
  })

  it('has the last entry that was written at an index, and nothing after it', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save(undefined, entries(1, 5), true)
    await wal.save(undefined, [entry(3, 2)], true)
    await wal.close()
    const { entries: found } = await contentsOf(disk)
    expect(found.map(({ index, term }) => [index, term])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ])
    expect((await contentsOf(disk, { index: 4, term: 1 })).entries).toEqual([])
  })

  it('goes on in further segments; those that a snapshot covers are released', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save({ term: 3, vote: 7n, commit: 0 }, [entry(1, 3)], true)
    for (let index = 2; index <= 300; index++) await wal.save(undefined, [entry(index, 3)], true)
    const before = await segmentsOf(disk)
    await wal.saveSnapshot({ index: 150, term: 3 })
    await wal.release({ index: 150, term: 3 })
    await wal.close()
    const after = await segmentsOf(disk)
    expect(after.length).toBeGreaterThan(2)
    expect(after).toEqual(before.slice(-after.length))
    const firstIndexes = after.map((name) => Number.parseInt(name.slice(17, 33), 16))
    expect(firstIndexes[0]).toBeLessThanOrEqual(150)
    expect(firstIndexes[1]).toBeGreaterThan(150)
    const contents = await contentsOf(disk, { index: 150, term: 3 })
    expect(contents.hardState).toEqual({ term: 3, vote: 7n, commit: 150 })
    expect(indexesOf(contents.entries)).toEqual(indexesOf(entries(151, 300)))
    await expect(open(disk)).rejects.toThrow(/begins at index \d+, .* snapshot is at 0; nothing/)
  })

  it('takes released segments for new ones, and never reads what they had before', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    for (let index = 1; index <= 2040; index++) {
      await wal.save(undefined, [entry(index)], true)
      if (index % 100 === 0) await wal.release({ index, term: 1 })
    }
    const used = disk.usedBytes
    await wal.close()
    expect(used).toBeLessThanOrEqual(6 * segmentBytes)
    const { entries: found } = await contentsOf(disk.crash(), { index: 2000, term: 1 })
    expect(indexesOf(found)).toEqual(indexesOf(entries(2001, 2040)))
  })

  it('takes a save that is larger than a segment', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    const large = entry(2, 1, 'x'.repeat(3 * segmentBytes))
    await wal.save(undefined, [entry(1)], true)
    await wal.save(undefined, [large], true)
    await wal.save(undefined, [entry(3)], true)
    await wal.close()
    expect((await contentsOf(disk)).entries).toEqual([entry(1), large, entry(3)])
  })

  it('lets saves share a sync', async () => {
    const disk = newDisk()
    const wal = await create(disk, { segmentBytes: 1024 * 1024 })
    const before = disk.operations
    await Promise.all(entries(1, 100).map((one) => wal.save(undefined, [one], true)))
    // The first one went at once, alone; the others waited for it. One more may be a preallocation.
    expect(disk.operations - before).toBeLessThanOrEqual(3)
    await wal.close()
    expect(indexesOf((await contentsOf(disk)).entries)).toEqual(indexesOf(entries(1, 100)))
  })

  it('writes a commit index with the next save, and when it is closed', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save({ term: 1, vote: 1n, commit: 0 }, entries(1, 3), true)
    await wal.save({ term: 1, vote: 1n, commit: 1 }, [], false)
    expect((await contentsOf(disk.kill())).hardState.commit).toBe(0)
  })

  it('takes nothing after a failure', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save(undefined, [entry(1)], true)
    disk.failNext('writeSync', 'failed')
    const failure = { name: 'DiskError', code: 'failed' }
    const saves = [2, 3, 4].map((index) => wal.save(undefined, [entry(index)], true))
    for (const save of saves) await expect(save).rejects.toMatchObject(failure)
    await expect(wal.save(undefined, [], false)).rejects.toMatchObject(failure)
    await expect(wal.saveSnapshot({ index: 1, term: 1 })).rejects.toMatchObject(failure)
    await expect(wal.release({ index: 1, term: 1 })).rejects.toMatchObject(failure)
    await wal.close()
    expect((await contentsOf(disk.crash())).entries[0]).toEqual(entry(1))
  })

  it('keeps what was acknowledged when the disk gets full', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save(undefined, [entry(1)], true)
    disk.capacityBytes = disk.usedBytes
    let last = 1
    const failure = await (async () => {
      for (;;) await wal.save(undefined, [entry(last + 1)], true).then(() => last++)
    })().catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'DiskError', code: 'full' })
    await wal.close()
    const after = disk.crash()
    after.capacityBytes = Number.POSITIVE_INFINITY
    const { entries: found } = await contentsOf(after)
    expect(indexesOf(found)).toEqual(indexesOf(entries(1, last)))
  })

  it('never says that something is committed before it has it, however large that is', async () => {
    const disk = newDisk()
    const wal = await create(disk, { segmentBytes: 32 * 1024 * 1024 })
    const large = (index: number): Entry => ({ ...entry(index), data: Buffer.alloc(5 << 20) })
    const saves = [
      wal.save({ term: 1, vote: 0n, commit: 0 }, [entry(1)], true),
      wal.saveSnapshot({ index: 1, term: 1 }),
      wal.save({ term: 1, vote: 0n, commit: 3 }, [large(2), large(3)], true),
    ]
    await saves[1]
    const found = await contentsOf(disk.crash(), { index: 1, term: 1 })
    expect(found.hardState.commit).toBeLessThanOrEqual(1 + found.entries.length)
  })

  it('refuses saves after it was closed', async () => {
    const wal = await create(newDisk())
    await wal.close()
    await wal.close()
    await expect(wal.save(undefined, [entry(1)], true)).rejects.toThrow('wal is closed')
  })
})

describe('a snapshot from the leader', () => {
  it('replaces a log that has another entry there, or none', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save({ term: 2, vote: 0n, commit: 0 }, entries(1, 20, 2), true)
    const received = { index: 10, term: 5 }
    await wal.saveSnapshot(received)
    await wal.save(undefined, entries(11, 12, 5), true)
    await wal.close()
    const contents = await contentsOf(disk, received)
    expect(contents.hardState).toEqual({ term: 5, vote: 0n, commit: 10 })
    expect(contents.entries).toEqual(entries(11, 12, 5))
  })

  it('counts also when the crash came before its mark', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save({ term: 2, vote: 9n, commit: 0 }, entries(1, 20, 2), true)
    await wal.close()
    const received = { index: 10, term: 5 }
    const first = await open(disk, received)
    expect(first.contents.entries).toEqual([])
    await first.wal.save(undefined, [entry(11, 5)], true)
    await first.wal.close()
    expect((await contentsOf(disk, received)).entries).toEqual([entry(11, 5)])
  })

  it('is missed when its file is gone', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save(undefined, entries(1, 20), true)
    await wal.saveSnapshot({ index: 50, term: 5 })
    await wal.close()
    await expect(open(disk, { index: 15, term: 1 })).rejects.toThrow(
      `${FIRST} goes on from the snapshot at index 50, and the newest good one is at 15; ` +
        'nothing was changed; remove this member and add it anew',
    )
  })

  it('is not missed when it was made from the log itself', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    await wal.save(undefined, entries(1, 20), true)
    await wal.saveSnapshot({ index: 10, term: 1 })
    await wal.close()
    expect(indexesOf((await contentsOf(disk)).entries)).toEqual(indexesOf(entries(1, 20)))
  })
})

describe('opening refuses, and changes nothing', () => {
  it('a folder without a log', async () => {
    await expect(open(newDisk())).rejects.toThrow('wal has no log')
  })

  it('to make a log where one is', async () => {
    const disk = newDisk()
    await (await create(disk)).close()
    await expect(create(disk)).rejects.toThrow('wal has a log already')
  })

  it('the log of another member or cluster', async () => {
    const disk = newDisk()
    await (await create(disk)).close()
    const expected = { nodeId: 1n, clusterId: metadata.clusterId }
    await expect(openWal(disk, 'wal', { at: NOTHING, expected })).rejects.toThrow(
      `${FIRST} is the log of member 8e9e05c52164694d of cluster cdf818194e3a8c32, ` +
        'not of member 1 of cluster cdf818194e3a8c32; nothing was changed; ' +
        'give every member a data directory of its own',
    )
  })

  it('a newer format', async () => {
    const disk = newDisk()
    await (await create(disk)).close()
    disk.flip(FIRST, PREFACE_BYTES - 2, 1 ^ 2)
    await expect(open(disk)).rejects.toThrow(
      `${FIRST} has format 2, and this program knows formats up to 1; nothing was changed; ` +
        'start a program that is as new as the log',
    )
  })

  it('a file of something else', async () => {
    const disk = newDisk()
    await (await create(disk)).close()
    disk.flip(FIRST, 0, 0xff)
    await expect(open(disk)).rejects.toThrow(
      `corrupt record at byte 0 of ${FIRST}: it does not begin as a segment does`,
    )
  })

  it('a log without one of its segments', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    for (const one of entries(1, 300)) await wal.save(undefined, [one], true)
    await wal.close()
    const [, second, third] = await segmentsOf(disk)
    await disk.remove(`wal/${second}`)
    await expect(open(disk)).rejects.toThrow(`segment 1 before wal/${third} is missing`)
  })
})

describe('one damaged byte', () => {
  const ENTRY_BYTES = recordBytes(16 + 'put 1'.length)

  const HEAD_BYTES = PREFACE_BYTES + recordBytes(16)

  /** Opens a log of five saves, an entry each, of which the byte was damaged. */
  async function damaged(offset: number): Promise<readonly Entry[] | WalError> {
    const disk = newDisk()
    const wal = await create(disk)
    for (const one of entries(1, 5)) await wal.save(undefined, [one], true)
    await wal.close()
    disk.flip(FIRST, offset, 0x10)
    const before = await readAll(disk)
    try {
      return (await contentsOf(disk)).entries
    } catch (error) {
      if (!(error instanceof WalError)) throw error
      expect(await readAll(disk)).toBe(before)
      return error
    }
  }

  const readAll = async (disk: SimulatedDisk) => {
    const file = await disk.open(FIRST, { readOnly: true })
    return Buffer.from(await file.read(0, await file.size())).toString('latin1')
  }

  it("in a segment's head: is refused", async () => {
    for (let offset = 0; offset < HEAD_BYTES; offset++) {
      expect(await damaged(offset), `at ${offset}`).toBeInstanceOf(WalError)
    }
  })

  it('in a record that was durable when a later one was written: is refused', async () => {
    for (let offset = HEAD_BYTES; offset < HEAD_BYTES + 4 * ENTRY_BYTES; offset++) {
      const record = offset - ((offset - HEAD_BYTES) % ENTRY_BYTES)
      expect(await damaged(offset), `at ${offset}`).toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining(`corrupt record at byte ${record} of ${FIRST}: `),
      })
    }
  })

  it('in the very last write: looks as if it were torn, and is repaired', async () => {
    const start = HEAD_BYTES + 4 * ENTRY_BYTES
    for (let offset = start; offset < start + ENTRY_BYTES; offset++) {
      expect(await damaged(offset), `at ${offset}`).toEqual(entries(1, 4))
    }
  })

  it('after the end: does nothing', async () => {
    expect(await damaged(HEAD_BYTES + 5 * ENTRY_BYTES + 9)).toEqual(entries(1, 5))
  })

  it('at the end of a segment that others follow: is refused', async () => {
    const disk = newDisk()
    const wal = await create(disk)
    for (const one of entries(1, 300)) await wal.save(undefined, [one], true)
    await wal.close()
    const [, second, third] = (await segmentsOf(disk)).map((name) =>
      Number.parseInt(name.slice(17, 33), 16),
    )
    const records = (third ?? 0) - (second ?? 0)
    const hardState = recordBytes(24)
    const name = segmentFileName({ number: 1, firstIndex: second ?? 0 })
    const last = HEAD_BYTES + hardState + (records - 1) * ENTRY_BYTES
    disk.flip(`wal/${name}`, last + 30, 1)
    await expect(open(disk)).rejects.toThrow(
      new RegExp(`^corrupt record at byte ${last} of wal/${name}: CRC32C is .{8}, expected .{8};`),
    )
  })
})
