import { describe, expect, it } from 'vitest'
import { prefixRange } from './client/key-range.js'
import { storeClientSuite } from './client/store-client.suite.js'
import { bytes, pairs, put, record, type StoreFixture } from './client/store-fixture.js'
import { HeldClock } from './clock.fixture.js'
import { openEmbeddedStore } from './embedded.js'
import type { Ledger } from './ledger.js'
import type { StoreLimits } from './limits.js'

async function openEmbedded(limits: Partial<StoreLimits> = {}): Promise<StoreFixture> {
  const clock = new HeldClock()
  const store = openEmbeddedStore({ clock, limits })
  return {
    client: store.client,
    advance: async (ms) => clock.advance(ms),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

storeClientSuite('function calls', () => openEmbedded())

// The same rules when every slice is as short as it can be: what is interleaved must not show.
storeClientSuite('function calls, in tiny slices', () =>
  openEmbedded({
    catchUpRecordsPerSlice: 1,
    catchUpWatchersPerSlice: 1,
    compactRecordsPerSlice: 1,
    watchQueueBatchesMax: 2,
    leaseExpiriesPerSlice: 1,
  }),
)

describe('the embedded store', () => {
  const open = (options: { limits?: Partial<StoreLimits>; ledger?: Ledger } = {}) => {
    const clock = new HeldClock()
    return { clock, store: openEmbeddedStore({ clock, ...options }) }
  }

  it('[P6] hands out the very value that was put', async () => {
    const { client } = open().store
    const value = bytes('shared')
    const watch = record(client, { key: 'a' }, { prevKv: true })
    await client.put('a', value)
    await client.put('a', bytes('next'))
    const { kvs } = await client.range({ key: 'a', revision: 2 })
    expect(kvs[0]?.value).toBe(value)
    expect(watch.batches[0]?.events[0]?.kv.value).toBe(value)
    expect(watch.batches[1]?.events[0]?.prevKv?.value).toBe(value)
  })

  it('refuses a key that is not bytes', async () => {
    const { client } = open().store
    await expect(client.put('a\u20ac', bytes(''))).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: 'etcdserver: char 1 of key "a€" is not a byte; convert keys to latin1',
    })
  })

  it('[E1] calls a live watcher within the write, and one that reads history later', async () => {
    const { client } = open().store
    const live = record(client, { key: 'a' })
    const written = client.put('a', bytes(''))
    expect(live.batches).toHaveLength(1)
    await written
    const past = record(client, { key: 'a' }, { startRevision: 2 })
    expect(past.batches).toHaveLength(0)
    await Promise.resolve()
    expect(past.batches).toHaveLength(1)
  })

  it('[E2] a clone goes its own way', async () => {
    const { store, clock } = open()
    await put(store.client, 'a', '1')
    await put(store.client, 'a', '2')
    await put(store.client, 'b', '1')
    const clone = store.clone({ clock })
    expect(await put(store.client, 'a', 'original')).toBe(5)
    expect(await put(clone.client, 'a', 'clone')).toBe(5)
    await clone.client.deleteRange({ key: 'b' })
    await store.client.compact(5, { physical: true })

    const at = async (client: typeof store.client, revision?: number) =>
      pairs((await client.range({ ...prefixRange(''), revision })).kvs)
    expect(await at(store.client)).toEqual(['a=original', 'b=1'])
    expect(await at(clone.client)).toEqual(['a=clone'])
    expect(await at(clone.client, 2)).toEqual(['a=1'])
    expect(await at(clone.client, 4)).toEqual(['a=2', 'b=1'])
    const watch = record(clone.client, prefixRange(''), { startRevision: 2 })
    await watch.first(5)
    expect(watch.lines).toEqual([
      '2 put a=1',
      '3 put a=2',
      '4 put b=1',
      '5 put a=clone',
      '6 delete b',
    ])
  })

  it('[E3] a closed store rejects and holds no timer', async () => {
    const { store, clock } = open()
    await store.client.leaseGrant({ ttlSeconds: 10 })
    record(store.client, { key: 'a' }, { progressNotify: true })
    expect(clock.pendingTimers).toBe(2)
    await store.close()
    await store.close()
    expect(clock.pendingTimers).toBe(0)
    await expect(store.client.put('a', bytes(''))).rejects.toMatchObject({ code: 'Closed' })
    await expect(store.client.range({ key: 'a' })).rejects.toMatchObject({ code: 'Closed' })
    expect(() => record(store.client, { key: 'a' })).toThrow('etcdserver: server stopped')
  })

  it('[E4] refuses puts beyond the quota until space is given back', async () => {
    const { client } = open({ limits: { quotaBytes: 10_000 } }).store
    const large = new Uint8Array(4000)
    await client.put('a', large)
    const last = (await client.put('a', large)).header.revision
    const refusal = {
      code: 'NoSpace',
      message: 'etcdserver: mvcc: database space exceeded',
    }
    await expect(client.put('a', large)).rejects.toMatchObject(refusal)
    const txn = { success: [{ type: 'put', key: 'b', value: large }] } as const
    await expect(client.txn(txn)).rejects.toMatchObject(refusal)
    await client.deleteRange({ key: 'other' })
    await client.compact(last, { physical: true })
    await client.put('b', new Uint8Array(1))
    const small = await client.deleteRange(prefixRange(''))
    await client.put('c', new Uint8Array(1))
    await client.compact(small.header.revision + 1, { physical: true })
    const { sizeBytes, keyCount } = await client.status()
    expect(keyCount).toBe(1)
    expect(sizeBytes).toBeLessThan(1000)
  })

  it('[E5] sends an idle watcher its progress at each interval', async () => {
    const { store, clock } = open({ limits: { progressNotifyIntervalMs: 1000 } })
    const watch = record(store.client, { key: 'a' }, { progressNotify: true })
    const silent = record(store.client, { key: 'a' })
    await put(store.client, 'a')
    clock.advance(1000)
    expect(watch.batches).toHaveLength(1)
    await put(store.client, 'b')
    clock.advance(1000)
    expect(watch.batches.slice(1)).toEqual([{ revision: 3, events: [] }])
    expect(silent.batches).toHaveLength(1)
  })

  it('[E6] the ledger counts lagging watchers and what waits in a stream', async () => {
    let underWay = 0
    const ledger: Ledger = {
      begin: (_activity, count = 1) => {
        underWay += count
      },
      end: (_activity, count = 1) => {
        underWay -= count
      },
    }
    const { client } = open({ ledger }).store
    for (let n = 0; n < 5; n++) await put(client, 'a')
    expect(underWay).toBe(0)
    const past = record(client, { key: 'a' }, { startRevision: 2 })
    expect(underWay).toBe(1)
    await past.first(5)
    expect(underWay).toBe(0)
    const stream = client.watch({ key: 'a' }, { startRevision: 2 })
    await Promise.resolve()
    expect(underWay).toBe(5)
    const reader = stream[Symbol.asyncIterator]()
    await reader.next()
    expect(underWay).toBe(4)
    await reader.return?.()
    expect(underWay).toBe(0)
  })

  it('[E7] a paused watch keeps nothing: without the history since its pause it ends', async () => {
    const { client } = open().store
    const watch = record(client, { key: 'a' })
    watch.subscription?.pause()
    await put(client, 'a', '1')
    const compactRevision = await put(client, 'a', '2')
    await client.compact(compactRevision)
    watch.subscription?.resume()
    expect(await watch.ended()).toEqual({ reason: 'compacted', compactRevision })
    expect(watch.batches).toEqual([])
  })

  it('[E8] a watch from the compact revision on sees what it deleted', async () => {
    const { client } = open().store
    await put(client, 'a')
    const { header } = await client.deleteRange({ key: 'a' })
    await put(client, 'b')
    await client.compact(header.revision, { physical: true })
    const watch = record(client, prefixRange(''), { startRevision: header.revision, prevKv: true })
    await watch.first(2)
    expect(watch.lines).toEqual([`${header.revision} delete a`, `${header.revision + 1} put b=`])
    expect(watch.batches[0]?.events[0]?.prevKv).toBe(undefined)
  })
})
