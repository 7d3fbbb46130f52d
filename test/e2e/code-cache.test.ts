import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const LAUNCHER = fileURLToPath(new URL('../../scripts/launch.cjs', import.meta.url))
const HASH_BYTES = 32

let folder: string
let caches: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'code-cache-'))
  caches = join(folder, 'caches')
  mkdirSync(join(folder, 'bundle'))
  copyFileSync(LAUNCHER, join(folder, 'bundle', 'launch.cjs'))
  writeFileSync(join(folder, 'begin.cjs'), `require('./bundle/launch.cjs').launch('main.cjs')`)
  writeProgram('one')
})

afterEach(() => rmSync(folder, { recursive: true }))

/** Two files, as the bundler would write them: the first line is the build's. */
function writeProgram(build: string): void {
  const write = (name: string, text: string) =>
    writeFileSync(join(folder, 'bundle', name), `// ${build}\n${text}`)
  write(
    'main.cjs',
    [
      `const { part } = require('./part.cjs')`,
      `console.log(part('${build}'), __filename.endsWith('main.cjs'))`,
      `if (process.argv[2] === 'fail') process.exitCode = 3`,
    ].join('\n'),
  )
  write('part.cjs', `exports.part = (build) => 'build ' + build\n`)
}

const start = (
  command = 'run',
  env: Record<string, string> = {},
  cwd = folder,
): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [join(folder, 'begin.cjs'), command], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NODE_COMPILE_CACHE: caches, NODE_DISABLE_COMPILE_CACHE: '', ...env },
  })

function expectStarted({ stdout, stderr, status }: SpawnSyncReturns<string>, build = 'one'): void {
  expect({ stdout, stderr, status }).toEqual({
    stdout: `build ${build} true\n`,
    stderr: '',
    status: 0,
  })
}

const placeOf = (command: string) =>
  join(caches, 'miniplane', `main-${command}-${process.version}-${process.arch}`)

const cacheOf = (script: string, command = 'run') => join(placeOf(command), `${script}.v8`)

/** Each writing of a file makes another one. */
const inode = (path: string) => statSync(path).ino

describe('a program that is started again', () => {
  it('runs what the compiler left, a file for each script', () => {
    expectStarted(start())
    expect(readdirSync(placeOf('run')).sort()).toEqual(['main.cjs.v8', 'part.cjs.v8'])
    const before = inode(cacheOf('main.cjs'))
    expectStarted(start())
    expect(inode(cacheOf('main.cjs'))).toBe(before)
  })

  it('has a set for each command, and none for what is no command', () => {
    expectStarted(start('get'))
    expectStarted(start('../../up'))
    const sets = readdirSync(join(caches, 'miniplane')).sort()
    const machine = `${process.version}-${process.arch}`
    expect(sets).toEqual([`main-get-${machine}`, `main-${machine}`])
  })

  it('keeps nothing of a run that failed', () => {
    expect(start('fail').status).toBe(3)
    expect(() => readdirSync(caches)).toThrow('ENOENT')
  })

  it('forgets files of an earlier build and what was never finished', () => {
    expectStarted(start())
    for (const name of ['gone-AB12.cjs.v8', 'main.cjs.v8.4711']) {
      writeFileSync(join(placeOf('run'), name), 'old')
    }
    writeProgram('two')
    expectStarted(start(), 'two')
    expect(readdirSync(placeOf('run')).sort()).toEqual(['main.cjs.v8', 'part.cjs.v8'])
  })
})

/** What one may find in place of the cache of main.cjs; V8 would end the process on some of it. */
const DAMAGES: Record<string, (whole: Buffer) => Uint8Array> = {
  'an empty file': () => Buffer.alloc(0),
  'a hash alone': (whole) => whole.subarray(0, HASH_BYTES),
  'half a file': (whole) => whole.subarray(0, whole.length >> 1),
  'one wrong bit at the start': (whole) => flipped(whole, 0),
  'one wrong bit in the middle': (whole) => flipped(whole, whole.length >> 1),
  'one wrong bit at the end': (whole) => flipped(whole, whole.length - 1),
  'what another V8 wrote, whole': (whole) => sealed(flipped(whole.subarray(HASH_BYTES), 4)),
}

function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 0x40
  return copy
}

/** As the launcher seals it. V8's own head, with its version, is in the data. */
function sealed(data: Uint8Array): Buffer {
  const hash = createHash('sha256').update('// one').update(data).digest()
  return Buffer.concat([hash, data])
}

describe('a cache that is no good', () => {
  it.each(Object.entries(DAMAGES))('%s is compiled again and replaced', (_name, damage) => {
    expectStarted(start())
    const file = cacheOf('main.cjs')
    const whole = readFileSync(file)
    expect(sealed(whole.subarray(HASH_BYTES))).toEqual(whole)
    writeFileSync(file, damage(whole))
    const damaged = inode(file)
    expectStarted(start())
    expect(inode(file)).not.toBe(damaged)
    const mended = inode(file)
    expectStarted(start())
    expect(inode(file)).toBe(mended)
  })

  it("is not another build's, though the texts are as long", () => {
    expectStarted(start())
    writeProgram('two')
    expectStarted(start(), 'two')
    expectStarted(start(), 'two')
  })

  it('that can be neither read nor written keeps nobody from starting', () => {
    writeFileSync(caches, 'no folder')
    expectStarted(start())
    mkdirSync(join(folder, 'others'))
    mkdirSync(join(folder, 'others', 'miniplane'))
    const taken = join(folder, 'others', 'miniplane', `main-run-${process.version}-${process.arch}`)
    writeFileSync(taken, 'no folder either')
    expectStarted(start('run', { NODE_COMPILE_CACHE: join(folder, 'others') }))
  })

  it('that a link leads to is left alone, and so is one where somebody stands', () => {
    const elsewhere = join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, 'letter'), 'dear')
    mkdirSync(join(caches, 'miniplane'), { recursive: true })
    symlinkSync(elsewhere, placeOf('run'))
    expectStarted(start())
    expect(readdirSync(elsewhere)).toEqual(['letter'])
    const cwd = join(folder, 'somewhere')
    mkdirSync(cwd)
    expectStarted(start('run', { NODE_COMPILE_CACHE: 'here' }, cwd))
    expect(readdirSync(cwd)).toEqual([])
  })

  it("is left out where Node's own loader is wanted, which knows source maps", () => {
    expectStarted(start('run', { NODE_OPTIONS: '--enable-source-maps' }))
    expect(() => readdirSync(caches)).toThrow('ENOENT')
  })

  it('is not made by who does not want one', () => {
    expectStarted(start('run', { NODE_DISABLE_COMPILE_CACHE: '1' }))
    expect(() => readdirSync(caches)).toThrow('ENOENT')
  })
})
