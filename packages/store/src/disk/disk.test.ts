import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { diskSuite } from './disk.suite.js'
import { openNodeDisk } from './node-disk.js'
import { SimulatedDisk } from './simulated-disk.js'

diskSuite("the machine's file system", async () => {
  const root = await mkdtemp(join(tmpdir(), 'disk-'))
  return {
    disk: openNodeDisk(root),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
})

diskSuite('simulated', async () => ({
  disk: new SimulatedDisk({ random: new SeededRandom(1) }),
  [Symbol.asyncDispose]: async () => undefined,
}))

describe("the machine's errors", () => {
  it.runIf(existsSync('/dev/full'))('a full disk', async () => {
    const file = await openNodeDisk('/dev').open('full')
    await expect(file.writeSync(0, [Buffer.from('a')])).rejects.toMatchObject({
      code: 'full',
      path: 'full',
      message: 'cannot write /dev/full: no space left on the device; free some, then start again',
    })
    await file.close()
  })

  // Whoever is root may write anywhere.
  it.skipIf(process.getuid?.() === 0)('a folder that may not be written to', async () => {
    const root = await mkdtemp(join(tmpdir(), 'disk-'))
    await chmod(root, 0o500)
    const disk = openNodeDisk(root)
    const readOnly = { code: 'readOnly' }
    await expect(disk.open('file', { create: 'new' })).rejects.toMatchObject(readOnly)
    await expect(disk.makeFolder('member/wal')).rejects.toMatchObject(readOnly)
    await expect(disk.lock('lock')).rejects.toMatchObject(readOnly)
    await rm(root, { recursive: true })
  })
})

describe('the simulated disk, after the power was lost,', () => {
  const bytes = (text: string) => Buffer.from(text)

  async function crashed(seed: number, write: (disk: SimulatedDisk) => Promise<void>) {
    const disk = new SimulatedDisk({ random: new SeededRandom(seed) })
    await write(disk)
    return disk.crash()
  }

  async function textOf(disk: SimulatedDisk, path: string): Promise<string | undefined> {
    if (!(await disk.list('')).includes(path)) return undefined
    const file = await disk.open(path, { readOnly: true })
    return Buffer.from(await file.read(0, await file.size())).toString('latin1')
  }

  const outcomes = async (path: string, write: (disk: SimulatedDisk) => Promise<void>) => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed)
    const found = await Promise.all(
      seeds.map(async (seed) => textOf(await crashed(seed, write), path)),
    )
    return new Set(found)
  }

  it('has what was synced', async () => {
    const found = await outcomes('file', async (disk) => {
      const file = await disk.open('file', { create: 'new' })
      await file.write(0, [bytes('one ')])
      await file.sync()
      await file.writeSync(4, [bytes('two')])
      await disk.syncFolder('')
    })
    expect(found).toEqual(new Set(['one two']))
  })

  it('may have any part of what was not, by sectors', async () => {
    const found = await outcomes('file', async (disk) => {
      const file = await disk.open('file', { create: 'new' })
      await file.writeSync(0, [Buffer.alloc(1024, 'a')])
      await disk.syncFolder('')
      await file.write(256, [Buffer.alloc(512, 'b')])
    })
    const a = 'a'.repeat(256)
    const b = 'b'.repeat(256)
    expect(found).toEqual(new Set([a + a + a + a, a + b + a + a, a + a + b + a, a + b + b + a]))
  })

  it('may have garbage where whole sectors were being written', async () => {
    const found = await outcomes('file', async (disk) => {
      const file = await disk.open('file', { create: 'new' })
      await file.preallocate(512)
      await disk.syncFolder('')
      await file.write(0, [Buffer.alloc(512, 'b')])
    })
    expect(found.size).toBeGreaterThan(3)
  })

  it('has the first few of the changes of a folder that were not synced', async () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed)
    const found = await Promise.all(
      seeds.map(async (seed) => {
        const disk = await crashed(seed, async (running) => {
          await running.open('a', { create: 'new' })
          await running.syncFolder('')
          await running.open('b', { create: 'new' })
          await running.rename('a', 'c')
          await running.remove('b')
        })
        return (await disk.list('')).join(' ')
      }),
    )
    expect(new Set(found)).toEqual(new Set(['a', 'a b', 'b c', 'c']))
  })

  it('does not keep what a failed sync left behind, whatever is synced later', async () => {
    const found = await outcomes('file', async (disk) => {
      const file = await disk.open('file', { create: 'new' })
      await disk.syncFolder('')
      disk.failNext('sync', 'failed')
      await file.write(0, [bytes('a')])
      await expect(file.sync()).rejects.toMatchObject({ code: 'failed', path: 'file' })
      await file.sync()
    })
    expect(found.size).toBeGreaterThan(1)
  })

  it('is the same for the same seed; the dead process has no say any more', async () => {
    const write = async (disk: SimulatedDisk) => {
      const file = await disk.open('file', { create: 'new' })
      await disk.syncFolder('')
      for (let i = 0; i < 10; i++) await file.write(i * 3000, [Buffer.alloc(3000, i + 1)])
    }
    const [first, second] = await Promise.all([crashed(7, write), crashed(7, write)])
    expect(await textOf(first, 'file')).toBe(await textOf(second, 'file'))
    const before = new SimulatedDisk({ random: new SeededRandom(1) })
    const file = await before.open('file', { create: 'new' })
    before.kill()
    const late = Promise.race([file.write(0, [bytes('late')]), Promise.resolve('never')])
    expect(await late).toBe('never')
  })

  it('takes its time on the clock that it was given', async () => {
    const clock = new HeldClock()
    const latency = { operationMs: [1, 1], syncMs: [30, 30] } as const
    const disk = new SimulatedDisk({ random: new SeededRandom(1), clock, latency })
    const opening = disk.open('file', { create: 'new' })
    clock.advance(1)
    const file = await opening
    let isDone = false
    const writing = file.writeSync(0, [bytes('a')]).then(() => {
      isDone = true
    })
    clock.advance(29)
    await Promise.resolve()
    expect(isDone).toBe(false)
    clock.advance(1)
    await writing
    expect(isDone).toBe(true)
  })
})
