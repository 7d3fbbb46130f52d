import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ArchiveError, packArchive, unpackArchive } from './ustar.js'

const ENTRIES = [
  { name: 'folder', mode: 0o755, modifiedMs: 1_700_000_000_000 },
  {
    name: 'folder/file.txt',
    bytes: Buffer.from('some text'),
    mode: 0o640,
    modifiedMs: 1_700_000_000_000,
  },
  {
    name: `folder/${'long'.repeat(40)}.txt`,
    bytes: Buffer.alloc(1000, 7),
    mode: 0o644,
    modifiedMs: 0,
  },
]

it('what was packed is unpacked', () => {
  expect(unpackArchive(packArchive(ENTRIES))).toEqual(ENTRIES)
  expect(unpackArchive(packArchive([]))).toEqual([])
})

it('the system’s tar reads what we pack, and we read what it packs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ustar-'))
  const tar = (...args: string[]) => execFileSync('tar', args, { cwd: folder })
  writeFileSync(join(folder, 'a.tar'), packArchive(ENTRIES))
  tar('xf', 'a.tar')
  expect(readFileSync(join(folder, 'folder/file.txt'), 'utf8')).toBe('some text')
  const names = unpackArchive(tar('cf', '-', 'folder')).map(({ name }) => name)
  expect(names.sort()).toEqual(ENTRIES.map(({ name }) => name).sort())
  rmSync(folder, { recursive: true })
})

it.each<[string, Uint8Array]>([
  ['bytes that are no archive', Buffer.alloc(1024, 1)],
  ['one that breaks off', packArchive(ENTRIES).subarray(0, 2048)],
])('%s', (_, bytes) => {
  expect(() => unpackArchive(bytes)).toThrow(ArchiveError)
})
