import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openNodeDisk } from '../disk/node-disk.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { entryAt, openAppended } from './appender.fixture.js'

const KILLS = Number(process.env.MINIPLANE_WAL_KILLS ?? 25)

let folder: string
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wal-kill-'))
  program = join(folder, 'appender.mjs')
  await build({
    stdin: {
      contents: `import { append } from './appender.fixture.ts'\nawait append(process.argv[2])`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  })
})
afterAll(() => rm(folder, { recursive: true }))

const start = (root: string): ChildProcess =>
  spawn(process.execPath, [program, root], { stdio: ['ignore', 'pipe', 'pipe'] })

/** Kills the process once it has acknowledged so many; answers the last acknowledged index. */
async function killAfter(appender: ChildProcess, acknowledgements: number): Promise<number> {
  if (appender.stdout === null) throw new TypeError('the appender has no output')
  let count = 0
  let last = 0
  for await (const line of createInterface({ input: appender.stdout })) {
    last = Math.max(last, Number(line))
    if (++count === acknowledgements) appender.kill('SIGKILL')
  }
  expect(count).toBeGreaterThanOrEqual(acknowledgements)
  return last
}

it(`kill -9 loses nothing that was acknowledged (${KILLS} times)`, async () => {
  const random = new SeededRandom(1)
  const root = join(folder, 'data')
  await openNodeDisk(root).makeFolder('')
  for (let kill = 0; kill < KILLS; kill++) {
    const last = await killAfter(start(root), 1 + random.below(120))
    const { wal, contents } = await openAppended(root)
    await wal.close()
    expect(contents.entries.length).toBeGreaterThanOrEqual(last)
    const wrong = contents.entries.filter(
      ({ data }, i) => !Buffer.from(entryAt(i + 1).data).equals(data),
    )
    expect(wrong).toEqual([])
  }
}, 600_000)

it('a second process is refused while the first one runs, and not after it was killed', async () => {
  const root = join(folder, 'x'.repeat(120))
  const disk = openNodeDisk(root)
  await disk.makeFolder('')
  const holder = start(root)
  if (holder.stdout === null) throw new TypeError('the holder has no output')
  await once(holder.stdout, 'data')
  await expect(disk.lock('lock')).rejects.toMatchObject({
    code: 'locked',
    path: 'lock',
    message: `cannot lock ${root}/lock: another process has it; stop that one first`,
  })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const lock = await disk.lock('lock')
  expect(await disk.list('')).toEqual([expect.stringMatching(/^lock\./), 'wal'])
  await lock.release()
  expect(await disk.list('')).toEqual(['wal'])
})

it('of many processes that want the lock at once, at most one gets it', async () => {
  const root = join(folder, 'contended')
  await openNodeDisk(root).makeFolder('')
  const contenders = Array.from({ length: 6 }, () => start(root))
  const isHolder = await Promise.all(
    contenders.map((contender) =>
      Promise.race([
        contender.stdout && once(contender.stdout, 'data').then(() => true),
        once(contender, 'exit').then(() => false),
      ]),
    ),
  )
  for (const contender of contenders) contender.kill('SIGKILL')
  expect(isHolder.filter(Boolean).length).toBeLessThanOrEqual(1)
})
