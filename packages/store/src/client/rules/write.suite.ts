import { describe, expect, it } from 'vitest'
import { prefixRange } from '../key-range.js'
import { bytes, type OpenFixture, pairs, put, revisionOf } from '../store-fixture.js'

export function writeRules(open: OpenFixture): void {
  describe('put', () => {
    it('[P1] counts versions and keeps the create revision', async () => {
      await using store = await open()
      const created = await put(store.client, 'a', '1')
      const updated = await put(store.client, 'a', '2')
      expect(updated).toBe(created + 1)
      const { kvs } = await store.client.range({ key: 'a' })
      expect(pairs(kvs)).toEqual(['a=2'])
      expect(kvs[0]).toMatchObject({
        createRevision: created,
        modRevision: updated,
        version: 2,
        lease: 0n,
      })
    })

    it('[P2] prevKv answers what the key was', async () => {
      await using store = await open()
      const first = await store.client.put('a', bytes('1'), { prevKv: true })
      expect(first.prevKv).toBeUndefined()
      const second = await store.client.put('a', bytes('2'), { prevKv: true })
      expect(second.prevKv).toMatchObject({ modRevision: first.header.revision, version: 1 })
      const third = await store.client.put('a', bytes('3'))
      expect(third.prevKv).toBeUndefined()
    })

    it('[P3] an unknown lease is refused and nothing is written', async () => {
      await using store = await open()
      const revision = await revisionOf(store.client)
      await expect(store.client.put('a', bytes(''), { lease: 404n })).rejects.toMatchObject({
        code: 'LeaseNotFound',
        message: 'etcdserver: requested lease not found',
      })
      const answer = await store.client.range({ key: 'a' })
      expect(answer).toMatchObject({ count: 0, header: { revision } })
    })

    it('[P4] ignoreValue and ignoreLease keep what is there', async () => {
      await using store = await open()
      const { client } = store
      const { id } = await client.leaseGrant({ ttlSeconds: 100 })
      await client.put('a', bytes('1'), { lease: id })
      await client.put('a', bytes(''), { ignoreValue: true, lease: id })
      await client.put('a', bytes('2'), { ignoreLease: true })
      await client.put('a', bytes(''), { ignoreValue: true, ignoreLease: true })
      const { kvs } = await client.range({ key: 'a' })
      expect(pairs(kvs)).toEqual(['a=2'])
      expect(kvs[0]).toMatchObject({ version: 4, lease: id })
    })

    it.each([
      ['missing', '', { ignoreValue: true }, 'KeyNotFound', 'etcdserver: key not found'],
      ['missing', 'v', { ignoreLease: true }, 'KeyNotFound', 'etcdserver: key not found'],
      ['a', 'v', { ignoreValue: true }, 'ValueProvided', 'etcdserver: value is provided'],
      [
        'a',
        'v',
        { ignoreLease: true, lease: 7n },
        'LeaseProvided',
        'etcdserver: lease is provided',
      ],
    ] as const)('[P4] put %s=%s with %o is %s', async (key, value, options, code, message) => {
      await using store = await open()
      await put(store.client, 'a', 'old')
      const refused = store.client.put(key, bytes(value), options)
      await expect(refused).rejects.toMatchObject({ code, message })
      expect(pairs((await store.client.range(prefixRange(''))).kvs)).toEqual(['a=old'])
    })

    it('[P5] an empty key and too large a value are refused', async () => {
      await using store = await open()
      const revision = await revisionOf(store.client)
      await expect(store.client.put('', bytes('1'))).rejects.toMatchObject({ code: 'EmptyKey' })
      const large = new Uint8Array(2 * 1024 * 1024)
      await expect(store.client.put('a', large)).rejects.toMatchObject({
        code: 'RequestTooLarge',
        message: 'etcdserver: request is too large',
      })
      expect(await revisionOf(store.client)).toBe(revision)
    })

    it('[P6] keys and values are bytes', async () => {
      await using store = await open()
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const key = Buffer.from(every).toString('latin1')
      await store.client.put(key, every)
      const { kvs } = await store.client.range({ key })
      expect(kvs[0]?.key).toBe(key)
      expect([...(kvs[0]?.value ?? [])]).toEqual([...every])
    })
  })

  describe('deleteRange', () => {
    it('[D1] deletes the range in one transaction', async () => {
      await using store = await open()
      for (const key of ['a', 'b', 'c']) await put(store.client, key)
      const before = await revisionOf(store.client)
      const answer = await store.client.deleteRange({ key: 'a', rangeEnd: 'c' })
      expect(answer).toEqual({ header: { revision: before + 1 }, deleted: 2, prevKvs: [] })
      expect(pairs((await store.client.range(prefixRange(''))).kvs)).toEqual(['c='])
      await expect(store.client.deleteRange({ key: '' })).rejects.toMatchObject({
        code: 'EmptyKey',
      })
    })

    it('[D2] prevKv answers what was deleted', async () => {
      await using store = await open()
      await put(store.client, 'a', '1')
      await put(store.client, 'b', '2')
      const { prevKvs } = await store.client.deleteRange(prefixRange(''), { prevKv: true })
      expect(pairs(prevKvs)).toEqual(['a=1', 'b=2'])
    })

    it('[D3] deleting nothing makes no revision', async () => {
      await using store = await open()
      const revision = await put(store.client, 'a')
      const answer = await store.client.deleteRange({ key: 'b' })
      expect(answer).toEqual({ header: { revision }, deleted: 0, prevKvs: [] })
    })

    it('[D4] a put after it begins a new generation', async () => {
      await using store = await open()
      await put(store.client, 'a', '1')
      await put(store.client, 'a', '2')
      await store.client.deleteRange({ key: 'a' })
      const created = await put(store.client, 'a', '3')
      const { kvs } = await store.client.range({ key: 'a' })
      expect(kvs[0]).toMatchObject({ version: 1, createRevision: created, modRevision: created })
    })
  })
}
