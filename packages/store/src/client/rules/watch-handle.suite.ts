import { describe, expect, it } from 'vitest'
import { prefixRange } from '../key-range.js'
import type { WatchBatch } from '../store-client.js'
import { bytes, linesOf, type OpenFixture, put, Recorder, record } from '../store-fixture.js'

/** How a watch is steered and how it ends: [W9–W15]. */
export function watchHandleRules(open: OpenFixture): void {
  describe('watch, handled', () => {
    it('[W9] cancel ends it at once', async () => {
      await using store = await open()
      const watch = record(store.client, { key: 'a' })
      const past = record(store.client, { key: 'a' }, { startRevision: 1 })
      watch.subscription?.cancel()
      past.subscription?.cancel()
      watch.subscription?.cancel()
      await put(store.client, 'a')
      expect(await watch.ended()).toEqual({ reason: 'cancelled' })
      expect(await past.ended()).toEqual({ reason: 'cancelled' })
      expect([...watch.batches, ...past.batches]).toEqual([])
      expect(watch.ends).toHaveLength(1)
    })

    it('[W9] leaving the loop, cancelling the stream and the signal end it', async () => {
      await using store = await open()
      const revision = await put(store.client, 'a')
      const past = { startRevision: revision }
      for await (const _batch of store.client.watch({ key: 'a' }, past)) break
      const stream = store.client.watch({ key: 'a' })
      stream.cancel()
      for await (const batch of stream) expect.unreachable(`got ${batch}`)
      const abort = new AbortController()
      const read = async () => {
        const stream = store.client.watch({ key: 'a' }, { ...past, signal: abort.signal })
        for await (const _batch of stream) abort.abort(new Error('enough'))
      }
      await expect(read()).rejects.toThrow('enough')
      await expect(read()).rejects.toThrow('enough')
      expect((await store.client.status()).watcherCount).toBe(0)
    })

    it('[W10] a requested progress batch names what is delivered', async () => {
      await using store = await open()
      const first = await put(store.client, 'a', '1')
      const watch = record(store.client, { key: 'a' }, { startRevision: first })
      watch.subscription?.requestProgress()
      const batches = await watch.first(2)
      expect(batches.map(({ events }) => events.length)).toEqual([1, 0])
      expect(batches[1]?.revision).toBe(first)
      const other = await put(store.client, 'b')
      watch.subscription?.requestProgress()
      const [, , third] = await watch.first(3)
      expect(third).toEqual({ revision: other, events: [] })
    })

    it('[W11] pause holds everything back, resume delivers it', async () => {
      await using store = await open()
      const first = await put(store.client, 'a', '1')
      const watch = record(store.client, { key: 'a' }, { startRevision: first })
      await watch.first(1)
      watch.subscription?.pause()
      await put(store.client, 'a', '2')
      await put(store.client, 'b', 'other')
      await put(store.client, 'a', '3')
      expect(watch.batches).toHaveLength(1)
      watch.subscription?.resume()
      await put(store.client, 'a', '4')
      await watch.first(4)
      expect(watch.lines).toEqual([
        `${first} put a=1`,
        `${first + 1} put a=2`,
        `${first + 3} put a=3`,
        `${first + 4} put a=4`,
      ])
    })

    it('[W11] a pause from within a batch takes effect at once', async () => {
      await using store = await open()
      const start = await put(store.client, 'k', '0')
      for (let n = 1; n < 20; n++) await put(store.client, 'k', `${n}`)
      const lines: string[] = []
      const recorder = new Recorder()
      const subscription = store.client.subscribe(
        { key: 'k' },
        {
          onBatch(batch: WatchBatch) {
            lines.push(...linesOf(batch))
            subscription.pause()
            if (batch.revision % 3 === 0) subscription.resume()
            else queueMicrotask(() => subscription.resume())
            recorder.onBatch(batch)
          },
          onEnd: () => {},
        },
        { startRevision: start },
      )
      await recorder.first(20)
      expect(lines).toEqual(Array.from({ length: 20 }, (_, n) => `${start + n} put k=${n}`))
    })

    it('[W11] a paused watch needs only the history since its pause', async () => {
      await using store = await open()
      const { client } = store
      const watch = record(client, { key: 'a' })
      const first = await put(client, 'a', '1')
      await watch.first(1)
      for (let n = 0; n < 5; n++) await put(client, 'other')
      watch.subscription?.pause()
      await client.compact(first + 5)
      watch.subscription?.resume()
      const second = await put(client, 'a', '2')
      await watch.first(2)
      expect(watch.lines).toEqual([`${first} put a=1`, `${second} put a=2`])
    })

    it('[W12] a slow reader loses nothing and holds up nobody', async () => {
      await using store = await open()
      const count = 3000
      const quick = record(store.client, prefixRange('k'))
      const stream = store.client.watch(prefixRange('k'))
      const first = await put(store.client, 'k0')
      for (let n = 1; n < count; n++) await put(store.client, `k${n}`)
      await quick.first(count)
      let expected = first
      for await (const item of stream) {
        if ('compactRevision' in item) expect.unreachable('nobody compacts')
        else expect(item.revision).toBe(expected++)
        // Now and then the writer is faster again.
        if (expected % 500 === 0 && expected < first + count) await put(store.client, 'other')
        if (expected === first + count) break
      }
      expect(expected).toBe(first + count)
    })

    it('[W13] an observer may write; everybody sees revisions in order', async () => {
      await using store = await open()
      const { client } = store
      const before = record(client, prefixRange(''))
      const writes: Promise<unknown>[] = []
      client.subscribe(prefixRange('in/'), {
        onBatch: ({ events }) => {
          for (const { kv } of events) {
            writes.push(client.put(`out/${kv.key.slice(3)}`, bytes('')))
          }
        },
        onEnd: () => {},
      })
      const after = [prefixRange(''), { key: 'in/', rangeEnd: '\0' }, { key: 'in', rangeEnd: 'p' }]
      const others = after.map((range) => record(client, range))
      const first = await put(client, 'in/1')
      await before.first(2)
      await put(client, 'in/2')
      for (const watch of [before, ...others]) {
        await watch.first(4)
        expect(watch.lines).toEqual([
          `${first} put in/1=`,
          `${first + 1} put out/1=`,
          `${first + 2} put in/2=`,
          `${first + 3} put out/2=`,
        ])
      }
      await Promise.all(writes)
    })

    it('[W14] an observer that throws is ended, and nobody else notices', async () => {
      await using store = await open()
      const broken = new Recorder()
      const error = new Error('broken observer')
      store.client.subscribe(
        { key: 'a' },
        {
          onBatch: () => {
            throw error
          },
          onEnd: (end) => broken.onEnd(end),
        },
      )
      const other = record(store.client, { key: 'a' })
      await put(store.client, 'a')
      await put(store.client, 'a')
      expect(await broken.ended()).toEqual({ reason: 'failed', error })
      expect(broken.ends).toHaveLength(1)
      await other.first(2)
    })

    it('[W15] closing the store ends its watches', async () => {
      await using store = await open()
      const live = record(store.client, { key: 'a' })
      const stream = store.client.watch({ key: 'a' })
      await store.close()
      expect(await live.ended()).toEqual({ reason: 'closed' })
      const read = async () => {
        for await (const batch of stream) expect.unreachable(`got ${batch}`)
      }
      await expect(read()).rejects.toMatchObject({ code: 'Closed' })
    })
  })
}
