import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Disk } from '../disk/disk.js'
import { openNodeDisk } from '../disk/node-disk.js'
import type { Entry } from '../raft/types.js'
import { createWal, openWal, walExists } from './wal.js'

const metadata = { nodeId: 0x8e9e05c52164694dn, clusterId: 0xcdf818194e3a8c32n }
const NOTHING = { index: 0, term: 0 }
const segmentBytes = 4096

const entry = (index: number, term = 1, text = `put ${index}`): Entry => ({
  type: 'EntryNormal',
  term,
  index,
  data: Buffer.from(text),
})

let root: string
let disk: Disk

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'wal-'))
  disk = openNodeDisk(root)
})
afterEach(() => rm(root, { recursive: true }))

const open = (at = NOTHING) => openWal(disk, 'wal', { at, segmentBytes })

describe('a log', () => {
  it('has what was saved when it is opened again', async () => {
    expect(await walExists(disk, 'wal')).toBe(false)
    const wal = await createWal(disk, 'wal', metadata, { segmentBytes })
    const hardState = { term: 1, vote: 7n, commit: 2 }
    await wal.save({ ...hardState, commit: 0 }, [entry(1), entry(2)], true)
    await wal.save(hardState, [], false)
    await wal.close()
    expect(await walExists(disk, 'wal')).toBe(true)
    const { wal: again, contents } = await open()
    await again.close()
    expect(contents).toEqual({ metadata, hardState, entries: [entry(1), entry(2)] })
  })

  it('goes on in further segments, each with the hard state', async () => {
    const wal = await createWal(disk, 'wal', metadata, { segmentBytes })
    await wal.save({ term: 3, vote: 7n, commit: 0 }, [entry(1, 3)], true)
    for (let index = 2; index <= 200; index++) await wal.save(undefined, [entry(index, 3)], true)
    await wal.saveSnapshot({ index: 150, term: 3 })
    await wal.release({ index: 150, term: 3 })
    await wal.close()
    const names = (await disk.list('wal')).filter((name) => name.endsWith('.wal'))
    expect(names[0]).not.toMatch(/^0000000000000000-/)
    const { wal: again, contents } = await open({ index: 150, term: 3 })
    await again.close()
    expect(contents.hardState).toEqual({ term: 3, vote: 7n, commit: 150 })
    expect(contents.entries.map(({ index }) => index)).toEqual(
      Array.from({ length: 50 }, (_, n) => 151 + n),
    )
  })
})
