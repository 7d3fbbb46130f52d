import { describe, expect, it } from 'vitest'
import { prefixRange } from '../key-range.js'
import { bytes, keys, type OpenFixture, record, revisionOf } from '../store-fixture.js'

export function leaseRules(open: OpenFixture): void {
  // At the same time, each on a store of its own: most of it is waiting for leases to end.
  describe.concurrent('lease', () => {
    it('[L1] a grant answers an id and at least the TTL asked for', async () => {
      await using store = await open()
      const chosen = await store.client.leaseGrant({ ttlSeconds: 60, id: 7n })
      expect(chosen).toMatchObject({ id: 7n, ttlSeconds: 60 })
      const first = await store.client.leaseGrant({ ttlSeconds: 60 })
      const second = await store.client.leaseGrant({ ttlSeconds: 0 })
      expect(new Set([0n, 7n, first.id, second.id]).size).toBe(4)
      expect(second.ttlSeconds).toBeGreaterThan(0)
    })

    it('[L2] an id in use and an absurd TTL are refused', async () => {
      await using store = await open()
      await store.client.leaseGrant({ ttlSeconds: 60, id: 7n })
      await expect(store.client.leaseGrant({ ttlSeconds: 60, id: 7n })).rejects.toMatchObject({
        code: 'LeaseExists',
        message: 'etcdserver: lease already exists',
      })
      await expect(store.client.leaseGrant({ ttlSeconds: 9_000_000_001 })).rejects.toMatchObject({
        code: 'LeaseTtlTooLarge',
        message: 'etcdserver: too large lease TTL',
      })
    })

    it('[L3] revoking deletes the keys in one transaction', async () => {
      await using store = await open()
      const { client } = store
      const { id } = await client.leaseGrant({ ttlSeconds: 60 })
      for (const key of ['b', 'a']) await client.put(key, bytes(''), { lease: id })
      await client.put('c', bytes(''))
      const before = await revisionOf(client)
      const watch = record(client, prefixRange(''))
      const { header } = await client.leaseRevoke(id)
      expect(header.revision).toBe(before + 1)
      await watch.first(1)
      expect(watch.lines).toEqual([`${before + 1} delete a`, `${before + 1} delete b`])
      expect(keys((await client.range(prefixRange(''))).kvs)).toEqual(['c'])
    })

    it('[L4] a lease ends by itself after its TTL', async () => {
      await using store = await open()
      const { client } = store
      const { id, ttlSeconds } = await client.leaseGrant({ ttlSeconds: 3 })
      for (const key of ['a', 'b']) await client.put(key, bytes(''), { lease: id })
      const watch = record(client, prefixRange(''))
      await store.advance(ttlSeconds * 1000 - 500)
      expect((await client.range(prefixRange(''))).count).toBe(2)
      await store.advance(1000)
      const [batch] = await watch.first(1)
      expect(batch?.events.map(({ type, kv }) => `${type} ${kv.key}`)).toEqual([
        'delete a',
        'delete b',
      ])
      expect((await client.leaseTimeToLive(id)).ttlSeconds).toBe(-1)
    })

    it('[L5] a keep-alive starts the TTL anew', async () => {
      await using store = await open()
      const { client } = store
      const { id } = await client.leaseGrant({ ttlSeconds: 3 })
      await client.put('a', bytes(''), { lease: id })
      for (let n = 0; n < 2; n++) {
        await store.advance(2000)
        expect(await client.leaseKeepAlive(id)).toMatchObject({ id, ttlSeconds: 3 })
      }
      expect((await client.range({ key: 'a' })).count).toBe(1)
      const watch = record(client, { key: 'a' })
      await store.advance(3500)
      await watch.first(1)
      expect((await client.range({ key: 'a' })).count).toBe(0)
    })

    it('[L6] a put moves the key between leases, a deletion detaches it', async () => {
      await using store = await open()
      const { client } = store
      await client.leaseGrant({ ttlSeconds: 60, id: 1n })
      await client.leaseGrant({ ttlSeconds: 60, id: 2n })
      const attached = async (id: bigint) => (await client.leaseTimeToLive(id, { keys: true })).keys
      for (const key of ['moved', 'freed', 'deleted', 'stays']) {
        await client.put(key, bytes(''), { lease: 1n })
      }
      await client.put('moved', bytes(''), { lease: 2n })
      await client.put('freed', bytes(''))
      await client.deleteRange({ key: 'deleted' })
      await client.put('deleted', bytes('again'))
      await client.put('stays', bytes('again'), { lease: 1n })
      expect(await attached(1n)).toEqual(['stays'])
      expect(await attached(2n)).toEqual(['moved'])
      await client.leaseRevoke(1n)
      expect(keys((await client.range(prefixRange(''))).kvs)).toEqual(['deleted', 'freed', 'moved'])
    })

    it('[L7] time to live', async () => {
      await using store = await open()
      const { client } = store
      await client.leaseGrant({ ttlSeconds: 60, id: 1n })
      for (const key of ['b', 'a']) await client.put(key, bytes(''), { lease: 1n })
      await store.advance(1500)
      const withKeys = await client.leaseTimeToLive(1n, { keys: true })
      expect(withKeys).toMatchObject({ id: 1n, grantedTtlSeconds: 60, keys: ['a', 'b'] })
      expect(withKeys.ttlSeconds).toBe(58)
      expect((await client.leaseTimeToLive(1n)).keys).toEqual([])
      expect(await client.leaseTimeToLive(404n)).toMatchObject({ id: 404n, ttlSeconds: -1 })
    })

    it('[L8] leaseLeases names those that exist', async () => {
      await using store = await open()
      for (const id of [3n, 1n, 2n]) await store.client.leaseGrant({ ttlSeconds: 60, id })
      await store.client.leaseRevoke(2n)
      const { leases } = await store.client.leaseLeases()
      expect([...leases].sort()).toEqual([1n, 3n])
    })

    it('[L8] leases that end first are named first', async () => {
      await using store = await open()
      const grant = (id: bigint, ttlSeconds: number) => store.client.leaseGrant({ ttlSeconds, id })
      await Promise.all([grant(1n, 300), grant(2n, 100), grant(3n, 200)])
      expect((await store.client.leaseLeases()).leases).toEqual([2n, 3n, 1n])
    })

    it('[L9] what does not exist can be neither revoked nor kept alive', async () => {
      await using store = await open()
      const refusal = { code: 'LeaseNotFound', message: 'etcdserver: requested lease not found' }
      await expect(store.client.leaseRevoke(404n)).rejects.toMatchObject(refusal)
      await expect(store.client.leaseKeepAlive(404n)).rejects.toMatchObject(refusal)
    })
  })
}
