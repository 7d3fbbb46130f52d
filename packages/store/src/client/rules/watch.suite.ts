import { describe, expect, it } from 'vitest'
import { type KeyRange, prefixRange } from '../key-range.js'
import type { StoreClient, WatchOptions } from '../store-client.js'
import { bytes, type OpenFixture, put, record, revisionOf, text } from '../store-fixture.js'

/** What a watch delivers: [W1–W8]. */
export function watchRules(open: OpenFixture): void {
  describe('watch', () => {
    it('[W1] begins with the next transaction', async () => {
      await using store = await open()
      await put(store.client, 'a', 'before')
      const watch = record(store.client, { key: 'a' })
      const revision = await put(store.client, 'a', 'after')
      await watch.first(1)
      expect(watch.lines).toEqual([`${revision} put a=after`])
    })

    it('[W2] begins in the past and goes on, without gaps and repeats', async () => {
      await using store = await open()
      const { client } = store
      const expected: string[] = []
      const write = async (n: number) => {
        const key = `k${n % 7}`
        if (n % 5 === 4) {
          const { header, deleted } = await client.deleteRange({ key })
          if (deleted > 0) expected.push(`${header.revision} delete ${key}`)
        } else {
          expected.push(`${await put(client, key, `${n}`)} put ${key}=${n}`)
        }
      }
      const first = (await revisionOf(client)) + 1
      for (let n = 0; n < 50; n++) await write(n)
      const watch = record(client, prefixRange('k'), { startRevision: first })
      const middle = record(client, prefixRange('k'), { startRevision: first + 20 })
      for (let n = 50; n < 100; n++) await write(n)
      await watch.first(expected.length)
      expect(watch.lines).toEqual(expected)
      await middle.first(expected.length - 20)
      expect(middle.lines).toEqual(expected.slice(20))
    })

    it('[W3] a transaction’s changes come in one batch', async () => {
      await using store = await open()
      const { client } = store
      const start = await put(client, 'gone')
      const live = record(client, prefixRange(''))
      const { header } = await client.txn({
        success: [
          { type: 'put', key: 'z', value: bytes('1') },
          { type: 'deleteRange', key: 'gone' },
          { type: 'put', key: 'a', value: bytes('2') },
        ],
      })
      const past = record(client, prefixRange(''), { startRevision: start + 1 })
      for (const watch of [live, past]) {
        const [batch] = await watch.first(1)
        expect(batch?.revision).toBe(header.revision)
        const { revision } = header
        expect(watch.lines).toEqual([
          `${revision} put z=1`,
          `${revision} delete gone`,
          `${revision} put a=2`,
        ])
        expect(batch?.events[1]?.kv).toMatchObject({ key: 'gone', modRevision: revision })
      }
    })

    it('[W4] a start before the compact revision ends and names it', async () => {
      await using store = await open()
      const first = await put(store.client, 'a', '1')
      const compactRevision = await put(store.client, 'a', '2')
      await store.client.compact(compactRevision)
      const early = record(store.client, { key: 'a' }, { startRevision: first })
      expect(await early.ended()).toEqual({ reason: 'compacted', compactRevision })
      expect(early.batches).toEqual([])
      const stream = store.client.watch({ key: 'a' }, { startRevision: first })
      const items = []
      for await (const item of stream) items.push(item)
      expect(items).toEqual([{ compactRevision }])
      const punctual = record(store.client, { key: 'a' }, { startRevision: compactRevision })
      await punctual.first(1)
      expect(punctual.lines).toEqual([`${compactRevision} put a=2`])
    })

    it('[W5] a start in the future waits for it', async () => {
      await using store = await open()
      const now = await put(store.client, 'a', '0')
      const watch = record(store.client, { key: 'a' }, { startRevision: now + 3 })
      for (const value of ['1', '2', '3', '4']) await put(store.client, 'a', value)
      await watch.first(2)
      expect(watch.lines).toEqual([`${now + 3} put a=3`, `${now + 4} put a=4`])
    })

    it.each<[WatchOptions['filters'], string[]]>([
      [['noput'], ['delete']],
      [['nodelete'], ['put', 'put']],
      [['noput', 'nodelete'], []],
      [[], ['put', 'delete', 'put']],
    ])('[W6] filters %j leave %j', async (filters, expected) => {
      await using store = await open()
      const start = (await revisionOf(store.client)) + 1
      const live = record(store.client, { key: 'a' }, { filters })
      const all = record(store.client, { key: 'a' })
      await put(store.client, 'a')
      await store.client.deleteRange({ key: 'a' })
      await put(store.client, 'a')
      const past = record(store.client, { key: 'a' }, { filters, startRevision: start })
      await all.first(3)
      for (const watch of [live, past]) {
        await watch.first(expected.length)
        expect(watch.batches.map(({ events }) => events.map(({ type }) => type).join())).toEqual(
          expected,
        )
      }
    })

    it('[W7] prevKv gives what the key was, when asked', async () => {
      await using store = await open()
      const { client } = store
      const start = (await revisionOf(client)) + 1
      const live = record(client, { key: 'a' }, { prevKv: true })
      const plain = record(client, { key: 'a' })
      await put(client, 'a', '1')
      await put(client, 'a', '2')
      await client.deleteRange({ key: 'a' })
      await put(client, 'a', '4')
      const past = record(client, { key: 'a' }, { prevKv: true, startRevision: start })
      const previous = async (watch: typeof live) =>
        (await watch.first(4)).map(
          ({ events: [event] }) => event?.prevKv && text(event.prevKv.value),
        )
      expect(await previous(live)).toEqual([undefined, '1', '2', undefined])
      expect(await previous(past)).toEqual([undefined, '1', '2', undefined])
      expect(await previous(plain)).toEqual([undefined, undefined, undefined, undefined])
      expect(live.batches[1]?.events[0]?.prevKv).toMatchObject({ modRevision: start, version: 1 })
    })

    it('[W7] what was compacted is no previous value any more', async () => {
      await using store = await open()
      const { client } = store
      for (const value of ['1', '2', '3']) await put(client, 'a', value)
      const compactRevision = await put(client, 'a', '4')
      await put(client, 'a', '5')
      await client.compact(compactRevision)
      const watch = record(client, { key: 'a' }, { prevKv: true, startRevision: compactRevision })
      const events = (await watch.first(2)).flatMap((batch) => batch.events)
      expect(events.map(({ prevKv }) => prevKv && text(prevKv.value))).toEqual([undefined, '4'])
    })

    it.each<[KeyRange, string]>([
      [{ key: 'b' }, 'b'],
      [{ key: 'b', rangeEnd: 'c' }, 'b b/ b/x'],
      [{ key: 'b', rangeEnd: 'b\0' }, 'b'],
      [prefixRange('b/'), 'b/ b/x'],
      [{ key: 'b/', rangeEnd: '\0' }, 'b/ b/x c \xff'],
      [prefixRange(''), 'a b b/ b/x c \xff'],
      [{ key: 'c', rangeEnd: 'a' }, ''],
    ])('[W8] %o covers %j', async (range, expected) => {
      await using store = await open()
      const { client } = store
      const start = (await revisionOf(client)) + 1
      const live = record(client, range)
      const all = ['a', 'b', 'b/', 'b/x', 'c', '\xff']
      for (const key of all) await put(client, key)
      const past = record(client, range, { startRevision: start })
      const keys = expected.split(' ').filter(Boolean)
      for (const watch of [live, past]) {
        await watch.first(keys.length)
        await settled(client)
        const seen = watch.batches.flatMap(({ events }) => events.map(({ kv }) => kv.key))
        expect(seen.filter((key) => key !== MARKER)).toEqual(keys)
      }
    })
  })
}

const MARKER = 'settled'

/** Time enough for what should not come to come: until another watch has read the same history. */
async function settled(client: StoreClient): Promise<void> {
  const revision = await put(client, MARKER)
  const watch = record(client, { key: MARKER }, { startRevision: revision })
  await watch.first(1)
  watch.subscription?.cancel()
  await client.deleteRange({ key: MARKER })
}
