import { type Clock, type KubeObject, systemClock } from '@miniplane/api'
import type { StoreClient } from '@miniplane/store'
import { describe, expect, it } from 'vitest'
import { limits } from '../limits.js'
import { silentLog } from '../log.js'
import { encodeJsonLine } from '../negotiation/respond.js'
import { EncodedEvent } from '../watch-cache/cache-event.js'
import { WatchCache } from '../watch-cache/watch-cache.js'
import { ObjectStorage } from './object-storage.js'
import type { StoredObject } from './stored-object.js'

/** A store with nothing in it. */
export interface OpenedStore extends AsyncDisposable {
  readonly client: StoreClient
  readonly isEmbedded: boolean
}

const PREFIX = '/registry/configmaps/'

class Storage extends ObjectStorage {
  /** Changes as the cache's watchers saw them. */
  readonly seen: string[] = []

  constructor(
    { client, isEmbedded }: OpenedStore,
    clock: Clock = systemClock,
    ttlSeconds?: number,
  ) {
    const cache = new WatchCache({
      ...{ clock, limits, log: silentLog },
      bookmark(revision) {
        const object = { kind: 'ConfigMap', metadata: { resourceVersion: String(revision) } }
        return new EncodedEvent('BOOKMARK', { object, json: () => encodeJsonLine(object) })
      },
    })
    super({
      ...{ store: client, isStoreEmbedded: isEmbedded, prefix: PREFIX, namespaced: true },
      ...{ cache, clock, limits, log: silentLog },
      ...(ttlSeconds !== undefined && { ttlSeconds }),
    })
  }

  watch(): void {
    this.cache.watch(
      {
        scope: {},
        fromRevision: this.cache.revision,
        wantsBookmarks: false,
        marksInitialEnd: false,
      },
      {
        onEvents: (events) => {
          for (const { type, object } of events) this.seen.push(`${type} ${object.metadata.name}`)
        },
        onEnd: () => this.seen.push('end'),
      },
    )
  }

  /** Creates an object, and answers it as it is stored. */
  async write(name: string, data = '1'): Promise<StoredObject> {
    const result = await this.create('a', name, draft(name, data))
    if (result.outcome === 'conflict') throw new Error(`${name} exists`)
    return result.stored
  }
}

const draft = (name: string, data: string): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace: 'a', uid: `uid-${name}`, creationTimestamp: null },
  data: { k: data },
})

const dataOf = (stored: StoredObject | undefined): unknown =>
  (stored?.object as { data?: { k?: unknown } } | undefined)?.data?.k

/** What the API server relies on, whatever store it keeps its objects in. */
export function objectStorageSuite(name: string, open: () => Promise<OpenedStore>): void {
  describe(`ObjectStorage over ${name}`, () => {
    const started = async (store: OpenedStore): Promise<Storage> => {
      const storage = new Storage(store)
      await storage.start()
      return storage
    }

    it('reads what it wrote, under the store’s revision', async () => {
      await using store = await open()
      const storage = await started(store)
      const stored = await storage.write('one')
      const read = await storage.get('a', 'one')
      expect(read?.revision).toBe(stored.revision)
      expect(dataOf(read)).toBe('1')
      expect(await storage.get('a', 'other')).toBeUndefined()
      storage.close()
    })

    it('creates once, and replaces and deletes exactly what was read', async () => {
      await using store = await open()
      const storage = await started(store)
      const first = await storage.write('one')
      const again = await storage.create('a', 'one', draft('one', '2'))
      expect(again).toMatchObject({ outcome: 'conflict', current: { revision: first.revision } })
      const second = await storage.update(first, draft('one', '2'))
      expect(second.outcome).toBe('written')
      for (const late of [storage.update(first, draft('one', '3')), storage.delete(first)]) {
        const { outcome, ...rest } = await late
        expect(outcome).toBe('conflict')
        expect(dataOf((rest as { current?: StoredObject }).current)).toBe('2')
      }
      if (second.outcome === 'written') await storage.delete(second.stored)
      expect(await storage.get('a', 'one')).toBeUndefined()
      const gone = await storage.update(first, draft('one', '3'))
      expect(gone).toEqual({ outcome: 'conflict', current: undefined })
      storage.close()
    })

    it('has everything in its cache that the store had when it was asked', async () => {
      await using store = await open()
      const storage = await started(store)
      // Written by somebody else, and beside what it follows.
      const other = await started(store)
      for (let n = 0; n < 5; n++) {
        await other.write(`one-${n}`)
        await store.client.put(`/registry/elsewhere/${n}`, Buffer.from(''))
        const revision = await storage.currentRevision()
        expect(storage.cache.revision).toBeGreaterThanOrEqual(revision)
        expect(storage.cache.get('a', `one-${n}`)).toBeDefined()
      }
      storage.close()
      other.close()
    })

    it('tells its watchers what anybody writes, in order', async () => {
      await using store = await open()
      const [storage, other] = [await started(store), await started(store)]
      storage.watch()
      const one = await other.write('one')
      await storage.write('two')
      await other.update(one, draft('one', '2'))
      await storage.write('three')
      const current = await other.get('a', 'one')
      if (current !== undefined) await other.delete(current)
      await storage.currentRevision()
      const expected = ['ADDED one', 'ADDED two', 'MODIFIED one', 'ADDED three', 'DELETED one']
      expect(storage.seen).toEqual(expected)
      storage.close()
      other.close()
    })

    it('lists the past in pages', async () => {
      await using store = await open()
      const storage = await started(store)
      for (const name of ['c', 'a', 'b']) await storage.write(name)
      const revision = await storage.currentRevision()
      await storage.write('later')
      const first = await storage.listAt('a', revision, { limit: 2 })
      expect(first.objects.map(({ object }) => object.metadata.name)).toEqual(['a', 'b'])
      expect(first.remaining).toBe(1)
      const rest = await storage.listAt('a', revision, { limit: 2, afterKey: 'a/b' })
      expect(rest.objects.map(({ object }) => object.metadata.name)).toEqual(['c'])
      expect(rest.remaining).toBe(0)
      storage.close()
    })

    it('refuses the past that is compacted', async () => {
      await using store = await open()
      const storage = await started(store)
      const { revision } = await storage.write('one')
      const { revision: bound } = await storage.write('two')
      await store.client.compact(bound)
      await expect(storage.listAt('a', revision, {})).rejects.toMatchObject({ code: 'Compacted' })
      storage.close()
    })

    it('begins with what an earlier server left', async () => {
      await using store = await open()
      const earlier = await started(store)
      await earlier.write('one')
      earlier.close()
      const storage = await started(store)
      expect(dataOf(storage.cache.get('a', 'one'))).toBe('1')
      storage.close()
    })

    it('keeps names that are not ASCII', async () => {
      await using store = await open()
      const storage = await started(store)
      await storage.write('größe')
      await storage.currentRevision()
      expect(dataOf(await storage.get('a', 'größe'))).toBe('1')
      expect(storage.cache.get('a', 'größe')).toBeDefined()
      storage.close()
    })

    it('writes what expires under a lease that many share', async () => {
      await using store = await open()
      const storage = new Storage(store, systemClock, 3600)
      await storage.start()
      await storage.write('one')
      await storage.write('two')
      const { leases } = await store.client.leaseLeases()
      expect(leases).toHaveLength(1)
      const { keys } = await store.client.leaseTimeToLive(leases[0] ?? 0n, { keys: true })
      expect(keys).toEqual([`${PREFIX}a/one`, `${PREFIX}a/two`])
      storage.close()
    })
  })
}
