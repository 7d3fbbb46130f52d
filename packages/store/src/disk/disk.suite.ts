import { describe, expect, it } from 'vitest'
import type { Disk, DiskFile } from './disk.js'

export interface DiskFixture extends AsyncDisposable {
  readonly disk: Disk
}

const text = async (file: DiskFile) =>
  Buffer.from(await file.read(0, await file.size())).toString('latin1')

const bytes = (string: string) => Buffer.from(string, 'latin1')

/** What every disk promises. What survives a crash is tested where crashes can be made. */
export function diskSuite(name: string, open: () => Promise<DiskFixture>): void {
  describe(`Disk: ${name}`, () => {
    it('has the folders that were made, with those above them', async () => {
      await using fixture = await open()
      const { disk } = fixture
      await disk.makeFolder('member/wal')
      await disk.makeFolder('member/wal')
      await disk.makeFolder('member/snap')
      expect(await disk.list('member')).toEqual(['snap', 'wal'])
      expect(await disk.list('member/wal')).toEqual([])
      expect(await disk.list('nobody/made/it')).toEqual([])
    })

    it.each([
      ['one that is missing', 'missing', {}, 'notFound'],
      ['one in a folder that is missing', 'no/folder', { create: 'new' }, 'notFound'],
      ['a new one where one is', 'there', { create: 'new' }, 'exists'],
    ] as const)('does not open %s', async (_name, path, options, code) => {
      await using fixture = await open()
      await (await fixture.disk.open('there', { create: 'new' })).close()
      await expect(fixture.disk.open(path, options)).rejects.toMatchObject({ code, path })
    })

    it('writes chunks one after the other, anywhere, and reads them back', async () => {
      await using fixture = await open()
      const file = await fixture.disk.open('file', { create: 'ifMissing' })
      await file.write(0, [bytes('abc'), bytes('def')])
      await file.writeSync(6, [bytes('ghi')])
      await file.write(1, [bytes('B')])
      await file.writeSync(2, [bytes('C'), bytes('D')])
      await file.sync()
      expect(await text(file)).toBe('aBCDefghi')
      expect(Buffer.from(await file.read(7, 100)).toString()).toBe('hi')
      expect(await file.read(100, 1)).toHaveLength(0)
      await file.truncate(2)
      expect(await text(file)).toBe('aB')
      await file.close()
    })

    it('fills with zeros what is preallocated, and leaves what there is', async () => {
      await using fixture = await open()
      const file = await fixture.disk.open('file', { create: 'new' })
      await file.write(0, [bytes('abc')])
      await file.preallocate(8)
      expect(await text(file)).toBe('abc\0\0\0\0\0')
      await file.preallocate(3)
      expect(await file.size()).toBe(8)
      await file.close()
    })

    it('keeps what is read apart from what is written later', async () => {
      await using fixture = await open()
      const file = await fixture.disk.open('file', { create: 'new' })
      const chunk = bytes('old')
      await file.write(0, [chunk])
      const read = await file.read(0, 3)
      await file.write(0, [bytes('new')])
      chunk.fill(0)
      expect(Buffer.from(read).toString()).toBe('old')
      expect(await text(file)).toBe('new')
      await file.close()
    })

    it('renames over what is there; an open file stays what it is', async () => {
      await using fixture = await open()
      const { disk } = fixture
      const first = await disk.open('first', { create: 'new' })
      const second = await disk.open('second', { create: 'new' })
      await first.write(0, [bytes('1')])
      await second.write(0, [bytes('2')])
      await disk.rename('second', 'first')
      await disk.syncFolder('')
      expect(await disk.list('')).toEqual(['first'])
      await second.writeSync(1, [bytes('+')])
      const reopened = await disk.open('first', { readOnly: true })
      expect([await text(first), await text(reopened)]).toEqual(['1', '2+'])
      await Promise.all([first.close(), second.close(), reopened.close()])
      await disk.remove('first')
      expect(await disk.list('')).toEqual([])
      await expect(disk.remove('first')).rejects.toMatchObject({ code: 'notFound', path: 'first' })
    })

    it('does nothing more on a closed file', async () => {
      await using fixture = await open()
      const file = await fixture.disk.open('file', { create: 'new' })
      await file.close()
      await expect(file.write(0, [bytes('a')])).rejects.toMatchObject({ code: 'closed' })
      await expect(file.writeSync(0, [bytes('a')])).rejects.toMatchObject({ code: 'closed' })
      await expect(file.read(0, 1)).rejects.toMatchObject({ code: 'closed', path: 'file' })
    })

    it('gives a lock to one at a time', async () => {
      await using fixture = await open()
      const lock = await fixture.disk.lock('lock')
      await expect(fixture.disk.lock('lock')).rejects.toMatchObject({ code: 'locked' })
      const other = await fixture.disk.lock('other')
      await lock.release()
      const again = await fixture.disk.lock('lock')
      await Promise.all([again.release(), other.release()])
    })
  })
}
