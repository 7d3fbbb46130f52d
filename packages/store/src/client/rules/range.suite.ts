import { describe, expect, it } from 'vitest'
import { prefixRange } from '../key-range.js'
import type { RangeRequest, StoreClient } from '../store-client.js'
import { keys, type OpenFixture, pairs, put, revisionOf } from '../store-fixture.js'

export function rangeRules(open: OpenFixture): void {
  describe('range', () => {
    it('[R1] a missing key answers nothing and the store’s revision', async () => {
      await using store = await open()
      const revision = await put(store.client, 'other')
      const answer = await store.client.range({ key: 'missing' })
      expect(answer).toEqual({ header: { revision }, kvs: [], more: false, count: 0 })
    })

    it('[R2] without an end the key alone is read', async () => {
      await using store = await open()
      for (const key of ['a', 'a\0', 'ab']) await put(store.client, key, key)
      expect(keys((await store.client.range({ key: 'a' })).kvs)).toEqual(['a'])
      expect(keys((await store.client.range({ key: 'a', rangeEnd: '' })).kvs)).toEqual(['a'])
    })

    it('[R3] a range is half open and in byte order', async () => {
      await using store = await open()
      for (const key of ['b', '\xff', 'a', 'ab', 'B', 'c']) await put(store.client, key)
      const read = async (key: string, rangeEnd: string) =>
        keys((await store.client.range({ key, rangeEnd })).kvs)
      expect(await read('a', 'c')).toEqual(['a', 'ab', 'b'])
      expect(await read('A', '\xff\0')).toEqual(['B', 'a', 'ab', 'b', 'c', '\xff'])
      expect(await read('c', 'a')).toEqual([])
      expect(await read('a', 'a')).toEqual([])
    })

    it('[R4] the end \\0 means from the key on', async () => {
      await using store = await open()
      for (const key of ['a', 'b', '\xff\xff']) await put(store.client, key)
      const read = async (key: string) =>
        keys((await store.client.range({ key, rangeEnd: '\0' })).kvs)
      expect(await read('b')).toEqual(['b', '\xff\xff'])
      expect(await read('\0')).toEqual(['a', 'b', '\xff\xff'])
    })

    it('[R5] prefixRange covers the keys with the prefix', async () => {
      await using store = await open()
      for (const key of ['a', 'a/', 'a/b', 'a0', '\xff', '\xff1', '\xfe'])
        await put(store.client, key)
      const read = async (prefix: string) =>
        keys((await store.client.range(prefixRange(prefix))).kvs)
      expect(await read('a/')).toEqual(['a/', 'a/b'])
      expect(await read('\xff')).toEqual(['\xff', '\xff1'])
      expect(await read('')).toHaveLength(7)
    })

    it('[R6] a revision reads the past', async () => {
      await using store = await open()
      const first = await put(store.client, 'a', '1')
      const second = await put(store.client, 'b', '2')
      const third = await put(store.client, 'a', '3')
      const fourth = (await store.client.deleteRange({ key: 'a' })).header.revision
      const fifth = await put(store.client, 'a', '5')
      const at = async (revision: number) =>
        pairs((await store.client.range({ ...prefixRange(''), revision })).kvs)
      expect(await at(first)).toEqual(['a=1'])
      expect(await at(second)).toEqual(['a=1', 'b=2'])
      expect(await at(third)).toEqual(['a=3', 'b=2'])
      expect(await at(fourth)).toEqual(['b=2'])
      expect(await at(fifth)).toEqual(['a=5', 'b=2'])
      const past = await store.client.range({ key: 'a', revision: third })
      expect(pairs(past.kvs)).toEqual(['a=3'])
      expect(past.header.revision).toBe(fifth)
      expect((await store.client.range({ key: 'a', revision: fourth })).count).toBe(0)
    })

    describe('with five keys', () => {
      /** Versions 1 to 3, values against the order of keys; b was written last. */
      async function fill(client: StoreClient): Promise<number> {
        const base = await revisionOf(client)
        const writes = ['a=5', 'c=3', 'b=4', 'd=2', 'e=1', 'c=3', 'a=5', 'c=3', 'b=4']
        for (const write of writes) await put(client, write.slice(0, 1), write.slice(2))
        return base
      }

      const all = prefixRange('')

      it('[R7] limit cuts, more and count tell', async () => {
        await using store = await open()
        await fill(store.client)
        const read = async (limit: number) => {
          const { kvs, more, count } = await store.client.range({ ...all, limit })
          return { keys: keys(kvs).join(''), more, count }
        }
        expect(await read(2)).toEqual({ keys: 'ab', more: true, count: 5 })
        expect(await read(5)).toEqual({ keys: 'abcde', more: false, count: 5 })
        expect(await read(0)).toEqual({ keys: 'abcde', more: false, count: 5 })
      })

      it('[R7] limit cuts the past as well', async () => {
        await using store = await open()
        const base = await fill(store.client)
        const answer = await store.client.range({ ...all, limit: 1, revision: base + 2 })
        expect(answer).toMatchObject({ more: true, count: 2 })
        expect(pairs(answer.kvs)).toEqual(['a=5'])
      })

      it.each<[RangeRequest['sortTarget'], RangeRequest['sortOrder'], string]>([
        ['key', 'none', 'abcde'],
        ['key', 'ascend', 'abcde'],
        ['key', 'descend', 'edcba'],
        ['version', 'ascend', 'deabc'],
        ['create', 'ascend', 'acbde'],
        ['create', 'descend', 'edbca'],
        ['mod', 'ascend', 'deacb'],
        ['mod', 'none', 'deacb'],
        ['mod', 'descend', 'bcaed'],
        ['value', 'ascend', 'edcba'],
        ['value', 'descend', 'abcde'],
      ])('[R8] sorted by %s, %s: %s', async (sortTarget, sortOrder, expected) => {
        await using store = await open()
        await fill(store.client)
        const sorted = await store.client.range({ ...all, sortTarget, sortOrder })
        expect(keys(sorted.kvs).join('')).toBe(expected)
        if (sortOrder === 'none') return
        const cut = await store.client.range({ ...all, sortTarget, sortOrder, limit: 2 })
        expect(keys(cut.kvs).join('')).toBe(expected.slice(0, 2))
        expect(cut).toMatchObject({ more: true, count: 5 })
      })

      it('[R9] countOnly answers the count', async () => {
        await using store = await open()
        const base = await fill(store.client)
        const count = async (request: RangeRequest) => {
          const answer = await store.client.range({ ...request, countOnly: true })
          expect(answer).toMatchObject({ kvs: [], more: false })
          return answer.count
        }
        expect(await count(all)).toBe(5)
        expect(await count({ key: 'b', rangeEnd: 'd' })).toBe(2)
        expect(await count({ ...all, revision: base + 1 })).toBe(1)
        expect(await count({ key: 'c' })).toBe(1)
      })

      it('[R10] keysOnly answers all but the values', async () => {
        await using store = await open()
        const base = await fill(store.client)
        const { kvs } = await store.client.range({ key: 'b', keysOnly: true })
        expect(pairs(kvs)).toEqual(['b='])
        expect(kvs[0]).toMatchObject({
          version: 2,
          createRevision: base + 3,
          modRevision: base + 9,
        })
        expect(pairs((await store.client.range({ key: 'b' })).kvs)).toEqual(['b=4'])
      })

      it.each([
        ['minModRevision', 7, 'abc', 5],
        ['maxModRevision', 6, 'de', 5],
        ['minCreateRevision', 3, 'bde', 5],
        ['maxCreateRevision', 2, 'ac', 5],
      ] as const)('[R11] %s', async (filter, offset, expected, count) => {
        await using store = await open()
        const base = await fill(store.client)
        const request = { ...all, [filter]: base + offset }
        const answer = await store.client.range(request)
        expect(keys(answer.kvs).join('')).toBe(expected)
        expect(answer).toMatchObject({ count, more: false })
        const cut = await store.client.range({ ...request, limit: 1 })
        expect(keys(cut.kvs).join('')).toBe(expected.slice(0, 1))
        expect(cut).toMatchObject({ count, more: true })
      })
    })

    it('[R12] an empty key and a future revision are refused', async () => {
      await using store = await open()
      const revision = await put(store.client, 'a')
      await expect(store.client.range({ key: '' })).rejects.toMatchObject({
        code: 'EmptyKey',
        message: 'etcdserver: key is not provided',
      })
      await expect(store.client.range({ key: 'a', revision: revision + 1 })).rejects.toMatchObject({
        message: 'etcdserver: mvcc: required revision is a future revision',
        detail: {
          code: 'FutureRevision',
          requestedRevision: revision + 1,
          currentRevision: revision,
        },
      })
    })
  })
}
