import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../ledger.js'
import { systemClock } from '../../../server/system-clock.js'
import { bytes, linesOf, record } from '../../store-fixture.js'
import { connectStore } from '../connect-store.js'
import { CuttableProxy } from '../cuttable-proxy.fixture.js'
import { FakeEtcd, type FakeStream, Refusal } from '../fake-etcd.fixture.js'
import type { GrpcLimits } from '../options.js'

type Response = Parameters<FakeStream['write']>[0]
type Event = NonNullable<Response['events']>[number]

const put = (key: string, value: string, modRevision: number): Event => ({
  type: 'put',
  kv: {
    ...{ key, value: bytes(value), modRevision, createRevision: modRevision, version: 1 },
    lease: 0n,
  },
})

/** Creations and cancellations as the server got them: `1 from 5`, `cancel 1`. */
class Script {
  readonly asked: string[] = []
  readonly streams: FakeStream[] = []
  readonly #revision: () => number
  #waiting: (() => void)[] = []

  /** `revision` is what the store has when a watch is created. */
  constructor(revision: () => number = () => 10) {
    this.#revision = revision
  }

  readonly watch = (stream: FakeStream): void => {
    this.streams.push(stream)
    stream.on('error', () => {})
    stream.on('end', () => stream.end())
    stream.on('data', ({ createRequest, cancelRequest, progressRequest }) => {
      if (createRequest !== undefined) {
        const { watchId, startRevision } = createRequest
        this.asked.push(`${watchId} from ${startRevision}`)
        stream.write({ watchId, created: true, header: { revision: this.#revision() } })
      }
      if (cancelRequest !== undefined) this.asked.push(`cancel ${cancelRequest.watchId}`)
      if (progressRequest !== undefined) this.asked.push('progress')
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  /** The stream of the last request, once there have been so many. */
  async after(requests: number): Promise<FakeStream> {
    while (this.asked.length < requests) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.streams.at(-1) as FakeStream
  }
}

const cut = (stream: FakeStream): void => {
  stream.emit('error', Object.assign(new Error('cut'), { code: 14, details: 'cut' }))
}

const connect = (etcd: FakeEtcd, limits: Partial<GrpcLimits> = {}) =>
  connectStore({ endpoints: [etcd.url], clock: systemClock, limits })

describe('the stream of all watches', () => {
  it('is one, however many watches there are', async () => {
    const script = new Script()
    await using etcd = await FakeEtcd.start({ watch: script.watch })
    await using store = connect(etcd)
    const watches = ['a', 'b', 'c'].map((key) => record(store.client, { key }))
    const stream = await script.after(3)
    expect(script.asked).toEqual(['1 from 0', '2 from 0', '3 from 0'])
    expect(script.streams).toHaveLength(1)
    stream.write({ watchId: 2n, events: [put('b', '1', 11)] })
    await watches[1]?.first(1)
    expect(watches.map(({ lines }) => lines)).toEqual([[], ['11 put b=1'], []])
  })

  it('makes a batch of each revision, and one of all fragments', async () => {
    const script = new Script()
    await using etcd = await FakeEtcd.start({ watch: script.watch })
    await using store = connect(etcd)
    const watch = record(store.client, { key: 'a', rangeEnd: 'z' })
    const stream = await script.after(1)
    const several = [put('a', '1', 11), put('b', '1', 11), put('a', '2', 12)]
    stream.write({ watchId: 1n, events: several })
    stream.write({ watchId: 1n, events: [put('c', '3', 13)], fragment: true })
    stream.write({ watchId: 1n, events: [put('d', '3', 13)], fragment: true })
    stream.write({ watchId: 1n, events: [put('e', '3', 13), put('a', '4', 14)] })
    const batches = await watch.first(4)
    expect(batches.map(linesOf)).toEqual([
      ['11 put a=1', '11 put b=1'],
      ['12 put a=2'],
      ['13 put c=3', '13 put d=3', '13 put e=3'],
      ['14 put a=4'],
    ])
  })

  it('[N3] is replaced when it breaks; each watch goes on after what it received', async () => {
    let revision = 10
    const script = new Script(() => revision)
    await using etcd = await FakeEtcd.start({ watch: script.watch })
    await using store = connect(etcd)
    const busy = record(store.client, { key: 'a' })
    const idle = record(store.client, { key: 'b' })
    const past = record(store.client, { key: 'c' }, { startRevision: 5 })
    const first = await script.after(3)
    first.write({ watchId: 1n, events: [put('a', '1', 11)] })
    first.write({ watchId: 1n, events: [put('a', '2', 12)], fragment: true })
    await busy.first(1)
    revision = 12
    cut(first)
    const second = await script.after(6)
    expect(script.asked.slice(3)).toEqual(['1 from 12', '2 from 11', '3 from 5'])
    // The server begins with the whole revision of which a fragment was lost, and may repeat.
    second.write({ watchId: 1n, events: [put('a', '1', 11), put('a', '2', 12)] })
    second.write({ watchId: 3n, events: [put('c', '0', 5)] })
    await busy.first(2)
    await past.first(1)
    expect(busy.lines).toEqual(['11 put a=1', '12 put a=2'])
    expect([...idle.ends, ...busy.ends, ...past.ends]).toEqual([])
  })

  it('[N3] goes to another member when one is gone', async () => {
    const [here, there] = [new Script(), new Script()]
    const first = await FakeEtcd.start({ watch: here.watch })
    await using second = await FakeEtcd.start({ watch: there.watch })
    const endpoints = [first.url, second.url]
    await using store = connectStore({ endpoints, clock: systemClock })
    const watch = record(store.client, { key: 'a' })
    const stream = await here.after(1)
    stream.write({ watchId: 1n, events: [put('a', '1', 11)] })
    await watch.first(1)
    await first[Symbol.asyncDispose]()
    const next = await there.after(1)
    expect(there.asked).toEqual(['1 from 12'])
    next.write({ watchId: 1n, events: [put('a', '2', 12)] })
    await watch.first(2)
  })

  it('[N3] goes to another member when one has fallen silent', async () => {
    const [here, there] = [new Script(), new Script()]
    await using first = await FakeEtcd.start({ watch: here.watch })
    await using second = await FakeEtcd.start({ watch: there.watch })
    await using proxy = await CuttableProxy.start(first.url)
    const endpoints = [proxy.url, second.url]
    const limits = { keepAliveIntervalMs: 100, keepAliveTimeoutMs: 100 }
    await using store = connectStore({ endpoints, clock: systemClock, limits })
    const watch = record(store.client, { key: 'a' })
    const stream = await here.after(1)
    stream.write({ watchId: 1n, events: [put('a', '1', 11)] })
    await watch.first(1)
    proxy.freeze()
    await there.after(1)
    expect(there.asked).toEqual(['1 from 12'])
  })

  it('ends with its last watch, and begins again with the next', async () => {
    const script = new Script()
    await using etcd = await FakeEtcd.start({ watch: script.watch })
    await using store = connect(etcd)
    const first = record(store.client, { key: 'a' })
    const stream = await script.after(1)
    const isGone = new Promise((resolve) => stream.once('cancelled', resolve))
    first.subscription?.cancel()
    await isGone
    record(store.client, { key: 'a' })
    await script.after(2)
    expect(script.streams).toHaveLength(2)
  })
})

describe('a watch', () => {
  it('[N5] that is paused holds so much, and then is read from history again', async () => {
    const script = new Script()
    await using etcd = await FakeEtcd.start({ watch: script.watch })
    await using store = connect(etcd, { watchQueueBatchesMax: 2 })
    const watch = record(store.client, { key: 'a' })
    const stream = await script.after(1)
    stream.write({ watchId: 1n, events: [put('a', '1', 11)] })
    await watch.first(1)
    watch.subscription?.pause()
    for (const n of [2, 3]) stream.write({ watchId: 1n, events: [put('a', `${n}`, 10 + n)] })
    stream.write({ watchId: 1n, events: [put('a', '4', 14)] })
    await script.after(2)
    expect(script.asked).toEqual(['1 from 0', 'cancel 1'])
    expect(watch.lines).toEqual(['11 put a=1'])
    watch.subscription?.resume()
    await script.after(3)
    expect(script.asked.at(-1)).toBe('2 from 12')
    stream.write({
      watchId: 2n,
      events: [2, 3, 4].map((n) => put('a', `${n}`, 10 + n)),
    })
    await watch.first(4)
    expect(watch.lines).toEqual(['11 put a=1', '12 put a=2', '13 put a=3', '14 put a=4'])
  })

  it.each<[string, Response, object]>([
    ['permission', { cancelReason: 'etcdserver: permission denied' }, { code: 'PermissionDenied' }],
    ['whatever', { cancelReason: 'no such luck' }, { code: 'Unknown', message: 'no such luck' }],
  ])('that the server refuses for want of %s ends as failed', async (_name, refusal, error) => {
    const watch = (stream: FakeStream): void => {
      stream.on('error', () => {})
      stream.on('data', () => {
        stream.write({ watchId: -1n, created: true, canceled: true, ...refusal })
      })
    }
    await using etcd = await FakeEtcd.start({ watch })
    await using store = connect(etcd)
    const refused = record(store.client, { key: 'a' })
    expect(await refused.ended()).toMatchObject({ reason: 'failed', error })
  })

  it('[N6] of a store that has lost what it was told of ends as failed', async () => {
    let revision = 10
    const script = new Script(() => revision)
    const range = () => ({ header: { revision } })
    await using etcd = await FakeEtcd.start({ watch: script.watch, range })
    await using store = connect(etcd)
    const watch = record(store.client, { key: 'a' })
    const stream = await script.after(1)
    stream.write({ watchId: 1n, events: [put('a', '1', 20)] })
    await watch.first(1)
    revision = 12
    cut(stream)
    expect(await watch.ended()).toMatchObject({
      reason: 'failed',
      error: { detail: { code: 'FutureRevision', requestedRevision: 21, currentRevision: 12 } },
    })
  })

  it('asks for progress until the server has caught up', async () => {
    const script = new Script()
    await using etcd = await FakeEtcd.start({ watch: script.watch })
    await using store = connect(etcd, { progressRetryMs: 10 })
    const [watch, other] = ['a', 'b'].map((key) => record(store.client, { key }))
    await script.after(2)
    watch?.subscription?.requestProgress()
    const stream = await script.after(4)
    expect(script.asked.slice(2)).toEqual(['progress', 'progress'])
    stream.write({ watchId: -1n, header: { revision: 17 } })
    await watch?.first(1)
    expect(watch?.batches).toEqual([{ revision: 17, events: [] }])
    // The answer is about all watches: none of them needs older history any more.
    expect(other?.batches).toEqual([])
    cut(stream)
    await script.after(script.asked.length + 2)
    expect(script.asked.slice(-2)).toEqual(['1 from 18', '2 from 18'])
  })

  it('asks for progress on the next stream, when one breaks before the answer', async () => {
    const script = new Script()
    await using etcd = await FakeEtcd.start({ watch: script.watch })
    await using store = connect(etcd)
    const watch = record(store.client, { key: 'a' })
    await script.after(1)
    watch.subscription?.requestProgress()
    cut(await script.after(2))
    const stream = await script.after(4)
    expect(script.asked.slice(2)).toEqual(['1 from 11', 'progress'])
    stream.write({ watchId: -1n, header: { revision: 17 } })
    expect(await watch.first(1)).toEqual([{ revision: 17, events: [] }])
  })

  it('asks for progress again, when an old server could not say where it is', async () => {
    const script = new Script()
    let asked = 0
    const range = () => {
      if (++asked < 3) throw new Refusal(status.FAILED_PRECONDITION, 'etcdserver: not capable')
      return { header: { revision: 1 } }
    }
    await using etcd = await FakeEtcd.start({ watch: script.watch, range, version: '3.4.23' })
    await using store = connect(etcd)
    const watch = record(store.client, { key: 'a' })
    await script.after(1)
    watch.subscription?.requestProgress()
    expect(await watch.first(1)).toEqual([{ revision: 1, events: [] }])
    expect(asked).toBe(3)
  })

  it('[N4] that begins with the next transaction comes before whatever is asked next', async () => {
    const asked: string[] = []
    await using etcd = await FakeEtcd.start({
      put: () => {
        asked.push('put')
        return { header: { revision: 11 } }
      },
      watch(stream) {
        stream.on('error', () => {})
        stream.on('data', ({ createRequest }) => {
          systemClock.setTimer(50, () => {
            asked.push('watch')
            const { watchId } = createRequest ?? { watchId: 0n }
            stream.write({ watchId, created: true, header: { revision: 10 } })
          })
        })
      },
    })
    await using store = connect(etcd)
    record(store.client, { key: 'a' })
    await store.client.put('a', bytes('1'))
    expect(asked).toEqual(['watch', 'put'])
  })
})

describe('the ledger', () => {
  it('[N9] counts watches that have not heard yet of what their client wrote', async () => {
    let underWay = 0
    const ledger: Ledger = {
      begin: (_activity, count = 1) => {
        underWay += count
      },
      end: (_activity, count = 1) => {
        underWay -= count
      },
    }
    let revision = 10
    const script = new Script()
    const write = () => ({ header: { revision: ++revision } })
    await using etcd = await FakeEtcd.start({ watch: script.watch, put: write })
    await using store = connectStore({ endpoints: [etcd.url], clock: systemClock, ledger })
    const [watch, prefix] = ['a', 'b'].map((key) => record(store.client, { key, rangeEnd: 'c' }))
    const stream = await script.after(2)
    await store.client.put('d', bytes('1'))
    expect(underWay).toBe(0)
    await store.client.put('a', bytes('1'))
    expect(underWay).toBe(1)
    await store.client.put('b', bytes('1'))
    expect(underWay).toBe(2)
    stream.write({ watchId: 1n, events: [put('a', '1', 12)] })
    stream.write({ watchId: 2n, events: [put('b', '1', 13)] })
    await prefix?.first(1)
    expect(underWay).toBe(1)
    stream.write({ watchId: 1n, events: [put('b', '1', 13)] })
    await watch?.first(2)
    expect(underWay).toBe(0)
    await store.client.put('b', bytes('1'))
    watch?.subscription?.cancel()
    expect(underWay).toBe(1)
    prefix?.subscription?.cancel()
    expect(underWay).toBe(0)
  })
})
