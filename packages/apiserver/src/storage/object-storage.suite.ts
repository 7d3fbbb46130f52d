import { type Clock, type KubeObject, seededRandom, systemClock } from '@miniplane/api'
import { type StoreClient, StoreError } from '@miniplane/store'
import { describe, expect, it } from 'vitest'
import { limits } from '../limits.js'
import { silentLog } from '../log.js'
import { EncodedEvent } from '../watch-cache/cache-event.js'
import { WatchCache } from '../watch-cache/watch-cache.js'
import { ObjectStorage } from './object-storage.js'
import type { StoredObject } from './stored-object.js'
import { unstored } from './unstored.js'

/** A store with nothing in it. */
export interface OpenedStore extends AsyncDisposable {
  readonly client: StoreClient
  readonly isEmbedded: boolean
}

const PREFIX = '/registry/configmaps/'

export class TestStorage extends ObjectStorage {
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
        return new EncodedEvent('BOOKMARK', unstored(object))
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

  /** Until it is there: for stores that may not answer at times. */
  async writeSurely(name: string): Promise<void> {
    for (;;) {
      try {
        await this.create('a', name, draft(name, '1'))
        return
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
      }
    }
  }

  /** Creates an object, and answers it as it is stored. */
  async write(name: string, data = '1'): Promise<StoredObject> {
    const result = await this.create('a', name, draft(name, data))
    if (result.outcome === 'conflict') throw new Error(`${name} exists`)
    return result.stored
  }
}

/** What an informer would hold: made of a watch's events alone. */
export class Replica {
  /** What no informer should see. */
  readonly problems: string[] = []
  readonly #held = new Map<string, number>()
  /** By revision, what was held after the change that made it. */
  readonly #history: { readonly revision: number; readonly held: [string, number][] }[] = []

  constructor(storage: TestStorage) {
    const fromRevision = storage.cache.revision
    for (const { key, revision } of storage.cache.list()) this.#held.set(key, revision)
    this.#remember(fromRevision)
    storage.cache.watch(
      { scope: {}, fromRevision, wantsBookmarks: false, marksInitialEnd: false },
      {
        onEvents: (events) => {
          for (const { type, object } of events)
            this.#take(
              type,
              storage.keyOf(object.metadata.namespace, object.metadata.name ?? ''),
              Number(object.metadata.resourceVersion),
            )
        },
        onEnd: () => this.problems.push('the watch ended'),
      },
    )
  }

  get revisions(): number[] {
    return this.#history.map(({ revision }) => revision)
  }

  /** Keys and versions as of a revision, in the order of the keys. */
  at(revision: number): [string, number][] {
    return this.#history.findLast((one) => one.revision <= revision)?.held ?? []
  }

  #take(type: string, key: string, revision: number): void {
    if (revision <= (this.#history.at(-1)?.revision ?? 0))
      this.problems.push(`${type} ${key} at ${revision} is out of order`)
    if (this.#held.has(key) !== (type !== 'ADDED'))
      this.problems.push(`${type} ${key} at ${revision}, which was ${this.#held.get(key)}`)
    if (type === 'DELETED') this.#held.delete(key)
    else this.#held.set(key, revision)
    this.#remember(revision)
  }

  #remember(revision: number): void {
    const held = [...this.#held].sort(([a], [b]) => (a < b ? -1 : 1))
    this.#history.push({ revision, held })
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

/** Creates, replaces and deletes a few objects, as they come; loses to others now and then. */
async function writeAtRandom(storage: TestStorage, seed: number, writes: number): Promise<void> {
  const random = seededRandom(seed)
  for (let n = 0; n < writes; n++) {
    const name = `object-${Math.floor(random.next() * 8)}`
    const current = await storage.get('a', name)
    if (current === undefined) await storage.create('a', name, draft(name, `${seed}-${n}`))
    else if (random.next() < 0.3) await storage.delete(current)
    else await storage.update(current, draft(name, `${seed}-${n}`))
  }
}

/** What the API server relies on, whatever store it keeps its objects in. */
export function objectStorageSuite(name: string, open: () => Promise<OpenedStore>): void {
  describe(`ObjectStorage over ${name}`, () => {
    const started = async (store: OpenedStore): Promise<TestStorage> => {
      const storage = new TestStorage(store)
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
      const rest = await storage.listAt('a', revision, { limit: 2, startKey: 'a/b\0' })
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

    it('shows a watch what a list shows, at every revision, while many write', async () => {
      await using store = await open()
      const storages = [await started(store), await started(store), await started(store)]
      const [storage] = storages as [TestStorage]
      for (const name of ['object-1', 'object-3']) await storage.write(name)
      await storage.currentRevision()
      const replica = new Replica(storage)
      await Promise.all(storages.map((each, seed) => writeAtRandom(each, seed, 30)))
      const last = await storage.currentRevision()
      expect(replica.problems).toEqual([])
      expect(replica.revisions.length).toBeGreaterThan(20)
      for (const revision of replica.revisions) {
        const { objects } = await storage.listAt(undefined, revision, {})
        expect(objects.map(({ key, revision }) => [key, revision])).toEqual(replica.at(revision))
      }
      expect(storage.cache.list().map(({ key, revision }) => [key, revision])).toEqual(
        replica.at(last),
      )
      for (const each of storages) each.close()
    })

    it('lists in pages what it lists at once, while others write', async () => {
      await using store = await open()
      const [storage, other] = [await started(store), await started(store)]
      for (let n = 0; n < 8; n++) await storage.write(`object-${n}`)
      const revision = await storage.currentRevision()
      const writing = writeAtRandom(other, 7, 40)
      const paged: string[] = []
      for (let startKey: string | undefined; ; ) {
        const { objects, remaining } = await storage.listAt('a', revision, { startKey, limit: 3 })
        paged.push(...objects.map(({ key, revision }) => `${key} ${revision}`))
        if (remaining === 0) break
        startKey = `${objects.at(-1)?.key.slice(PREFIX.length)}\0`
      }
      await writing
      const { objects } = await storage.listAt('a', revision, {})
      expect(paged).toEqual(objects.map(({ key, revision }) => `${key} ${revision}`))
      expect(paged).toHaveLength(8)
      for (const each of [storage, other]) each.close()
    })

    it('writes what expires under a lease that many share', async () => {
      await using store = await open()
      const storage = new TestStorage(store, systemClock, 3600)
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
