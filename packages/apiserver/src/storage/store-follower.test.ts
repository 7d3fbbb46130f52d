import { type EncodedWatchEvent, type KubeObject, ManualClock } from '@miniplane/api'
import { openEmbeddedStore, type StoreClient, type WatchObserver } from '@miniplane/store'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../limits.js'
import { silentLog } from '../log.js'
import { EncodedEvent } from '../watch-cache/cache-event.js'
import { WatchCache, type WatchRequest } from '../watch-cache/watch-cache.js'
import { ObjectStorage } from './object-storage.js'
import { unstored } from './unstored.js'

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))
const PREFIX = '/registry/configmaps/'

/** A store whose connection can be cut while others go on writing to it. */
class CuttableStore {
  readonly behind: StoreClient
  readonly client: StoreClient
  #isDown = false
  readonly #watches = new Map<WatchObserver, () => void>()

  constructor(behind: StoreClient) {
    this.behind = behind
    const client: Pick<StoreClient, 'range' | 'txn' | 'subscribe'> = {
      range: async (request) => {
        if (this.#isDown) throw new Error('connection refused')
        return behind.range(request)
      },
      txn: (request) => behind.txn(request),
      subscribe: (range, observer, options) => {
        const subscription = behind.subscribe(
          range,
          {
            onBatch: (batch) => observer.onBatch(batch),
            onEnd: (end) => end.reason !== 'cancelled' && observer.onEnd(end),
          },
          options,
        )
        this.#watches.set(observer, () => subscription.cancel())
        return subscription
      },
    }
    this.client = client as StoreClient
  }

  cut(): void {
    this.#isDown = true
    const error = new Error('connection reset')
    for (const [observer, cancel] of [...this.#watches]) {
      this.#watches.delete(observer)
      cancel()
      observer.onEnd({ reason: 'failed', error })
    }
  }

  mend(): void {
    this.#isDown = false
  }
}

function open() {
  const clock = new ManualClock()
  const store = new CuttableStore(openEmbeddedStore({ clock }).client)
  const cache = new WatchCache({
    clock,
    log: silentLog,
    limits,
    bookmark(revision) {
      const object = { kind: 'ConfigMap', metadata: { resourceVersion: String(revision) } }
      return new EncodedEvent('BOOKMARK', unstored(object))
    },
  })
  const storage = new ObjectStorage({
    store: store.client,
    isStoreEmbedded: false,
    prefix: PREFIX,
    namespaced: true,
    cache,
    clock,
    log: silentLog,
    limits,
  })
  /** Lets every retry come that is due within the longest wait. */
  const settle = async () => {
    for (let i = 0; i < 20; i++) {
      await tick()
      clock.advance(limits.storeRetryMaxMs / 4)
    }
  }
  return { clock, store, cache, storage, settle }
}

let uids = 0
const draft = (name: string, data: string): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace: 'a', uid: `uid-${++uids}`, creationTimestamp: null },
  data: { k: data },
})

/** As another API server over the same store would write. */
async function write(store: StoreClient, object: KubeObject): Promise<void> {
  const text = `${JSON.stringify(object)}\n`
  await store.put(`${PREFIX}a/${object.metadata.name}`, Buffer.from(text))
}
const remove = (store: StoreClient, name: string) =>
  store.deleteRange({ key: `${PREFIX}a/${name}` })

function watch(cache: WatchCache, request: Partial<WatchRequest> = {}) {
  const seen = { events: [] as EncodedWatchEvent[], hasEnded: false }
  cache.watch(
    {
      scope: {},
      fromRevision: cache.revision,
      wantsBookmarks: false,
      marksInitialEnd: false,
      ...request,
    },
    { onEvents: (events) => seen.events.push(...events), onEnd: () => (seen.hasEnded = true) },
  )
  return seen
}

const shown = ({ events }: { events: EncodedWatchEvent[] }) =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`)

describe('following a store that breaks off', () => {
  it('goes on where it was: watchers miss nothing, see nothing twice, and stay', async () => {
    const { store, cache, storage, settle } = open()
    await storage.start()
    const seen = watch(cache)
    const one = draft('one', '1')
    await write(store.behind, one)
    store.cut()
    await write(store.behind, { ...one, data: { k: '2' } })
    await write(store.behind, draft('two', '1'))
    await settle()
    expect(shown(seen)).toEqual(['ADDED one'])
    store.mend()
    await settle()
    await remove(store.behind, 'one')
    expect(shown(seen)).toEqual(['ADDED one', 'MODIFIED one', 'ADDED two', 'DELETED one'])
    expect(seen.hasEnded).toBe(false)
  })

  it('tells watchers the difference when what it missed is compacted', async () => {
    const { store, cache, storage, settle } = open()
    for (const name of ['changed', 'kept', 'gone', 'anew'])
      await write(store.behind, draft(name, '1'))
    await storage.start()
    const seen = watch(cache)
    const from = cache.revision
    store.cut()
    await remove(store.behind, 'gone')
    await remove(store.behind, 'anew')
    await write(store.behind, draft('anew', '1'))
    const changed = cache.get('a', 'changed')?.object as KubeObject
    await write(store.behind, { ...changed, data: { k: '2' } })
    await write(store.behind, draft('brief', '1'))
    await remove(store.behind, 'brief')
    const { header } = await store.behind.status()
    await store.behind.compact(header.revision)
    store.mend()
    await settle()
    expect(shown(seen).sort()).toEqual([
      'ADDED anew',
      'DELETED anew',
      'DELETED gone',
      'MODIFIED changed',
    ])
    expect(seen.hasEnded).toBe(false)
    const versions = seen.events.map(({ object }) => Number(object.metadata.resourceVersion))
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
    // What lies between is not known one by one, so nobody may begin there.
    const late = watch(cache, { fromRevision: from + 1 })
    expect(late.events.map(({ type }) => type)).toEqual(['ERROR'])
    await write(store.behind, draft('later', '1'))
    expect(shown(seen).at(-1)).toBe('ADDED later')
  })

  it('sends a watcher that was ahead of the gap to list again', async () => {
    const { store, cache, storage, settle } = open()
    await storage.start()
    store.cut()
    await write(store.behind, draft('one', '1'))
    const { header } = await store.behind.status()
    const ahead = watch(cache, { fromRevision: header.revision })
    await remove(store.behind, 'one')
    await store.behind.compact(header.revision + 1)
    store.mend()
    await settle()
    expect(ahead.events.map(({ type }) => type)).toEqual(['ERROR'])
    expect(ahead.hasEnded).toBe(true)
  })

  it('starts when the store does, if the first attempt found none', async () => {
    const { store, storage } = open()
    store.cut()
    await expect(storage.start()).rejects.toThrow('connection refused')
    store.mend()
    await storage.start()
    expect(storage.isStarted).toBe(true)
  })

  it('ends with what the store holds, whatever is written, cut and compacted', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('write' as const), name: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constant('remove' as const), name: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constantFrom('cut' as const, 'mend' as const, 'compact' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { store, cache, storage, settle } = open()
        await storage.start()
        const seen = watch(cache)
        for (const each of steps) {
          if (each.do === 'write') await write(store.behind, draft(each.name, '1'))
          else if (each.do === 'remove') await remove(store.behind, each.name)
          else if (each.do === 'compact') {
            const { revision } = (await store.behind.status()).header
            if (revision > (await store.behind.status()).compactRevision)
              await store.behind.compact(revision)
          } else if (each.do === 'cut') store.cut()
          else {
            store.mend()
            await settle()
          }
        }
        store.mend()
        await settle()
        const replayed = new Map<string, string>()
        for (const { type, object } of seen.events) {
          const { name = '', uid = '' } = object.metadata
          // An informer would call these out of order: added twice, or changed while absent.
          expect(replayed.has(name)).toBe(type !== 'ADDED')
          if (type === 'DELETED') replayed.delete(name)
          else replayed.set(name, uid)
        }
        const { kvs } = await store.behind.range({ key: PREFIX, rangeEnd: '/registry/configmaps0' })
        const held = kvs.map(({ value }) => JSON.parse(Buffer.from(value).toString()).metadata)
        expect([...replayed].sort()).toEqual(held.map(({ name, uid }) => [name, uid]).sort())
        expect(seen.hasEnded).toBe(false)
      }),
      { numRuns: 60 },
    )
  })
})
