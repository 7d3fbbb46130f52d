import { describe, expect, it } from 'vitest'
import { prefixRange } from '../key-range.js'
import { type OpenFixture, pairs, put, revisionOf } from '../store-fixture.js'

export function compactRules(open: OpenFixture): void {
  describe('compact', () => {
    it('[C1] reading before the compact revision is refused', async () => {
      await using store = await open()
      const first = await put(store.client, 'a', '1')
      const second = await put(store.client, 'a', '2')
      await store.client.compact(second)
      await expect(store.client.range({ key: 'a', revision: first })).rejects.toMatchObject({
        message: 'etcdserver: mvcc: required revision has been compacted',
        detail: { code: 'Compacted', requestedRevision: first, compactRevision: second },
      })
      expect(pairs((await store.client.range({ key: 'a', revision: second })).kvs)).toEqual(['a=2'])
    })

    it('[C2] the present stays', async () => {
      await using store = await open()
      await put(store.client, 'a', '1')
      await put(store.client, 'b', '2')
      await put(store.client, 'b', '3')
      await store.client.deleteRange({ key: 'a' })
      const last = await put(store.client, 'c', '4')
      const before = await store.client.range(prefixRange(''))
      const { header } = await store.client.compact(last, { physical: true })
      expect(header.revision).toBe(last)
      expect(await store.client.range(prefixRange(''))).toEqual(before)
      expect(await store.client.range({ ...prefixRange(''), revision: last })).toEqual(before)
    })

    it('[C2] what lies between the compact revision and the present stays', async () => {
      await using store = await open()
      await put(store.client, 'a', '1')
      await put(store.client, 'b', '1')
      const bound = await put(store.client, 'a', '2')
      await put(store.client, 'a', '3')
      await store.client.deleteRange(prefixRange(''))
      await store.client.compact(bound, { physical: true })
      const at = async (revision: number) =>
        pairs((await store.client.range({ ...prefixRange(''), revision })).kvs)
      expect(await at(bound)).toEqual(['a=2', 'b=1'])
      expect(await at(bound + 1)).toEqual(['a=3', 'b=1'])
      expect(await at(bound + 2)).toEqual([])
    })

    it('[C3] compacting again or in the future is refused', async () => {
      await using store = await open()
      await put(store.client, 'a')
      const revision = await put(store.client, 'a')
      await store.client.compact(revision)
      await expect(store.client.compact(revision)).rejects.toMatchObject({
        detail: { code: 'Compacted', requestedRevision: revision, compactRevision: revision },
      })
      await expect(store.client.compact(revision + 1)).rejects.toMatchObject({
        detail: { code: 'FutureRevision', currentRevision: revision },
      })
      expect((await store.client.status()).compactRevision).toBe(revision)
    })

    it('[C4] a key deleted before it leaves nothing behind', async () => {
      await using store = await open()
      await put(store.client, 'a', '1')
      await store.client.deleteRange({ key: 'a' })
      const bound = await put(store.client, 'b')
      await store.client.compact(bound, { physical: true })
      expect((await store.client.range({ key: 'a', revision: bound })).count).toBe(0)
      const created = await put(store.client, 'a', '2')
      expect((await store.client.range({ key: 'a', revision: bound })).count).toBe(0)
      const { kvs } = await store.client.range({ key: 'a' })
      expect(kvs[0]).toMatchObject({ version: 1, createRevision: created })
      expect(await revisionOf(store.client)).toBe(created)
    })
  })
}
