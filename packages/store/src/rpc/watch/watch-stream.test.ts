import { describe, expect, it } from 'vitest'
import { HeldClock } from '../../clock.fixture.js'
import { eventLoopTurn } from '../../clock.js'
import { StoreError } from '../../errors.js'
import { WatchRequest, WatchResponse } from '../../wire/watch.js'
import type { EtcdServer } from '../etcd-server.js'
import { defaultRpcLimits, type RpcLimits } from '../limits.js'
import { type LocalServer, openLocalServer } from '../local-server.fixture.js'
import { ResponseHeaders } from '../response-header.js'
import { FakeStream } from './fake-stream.fixture.js'
import { WatchEncoder } from './watch-encoder.js'
import { WatchStream } from './watch-stream.js'

const settle = () => new Promise<void>((resolve) => eventLoopTurn(resolve))
const put = (server: LocalServer, key: string, value: string | Buffer = 'v') =>
  server.client.put(key, Buffer.from(value))

interface Opened {
  readonly stream: FakeStream<WatchResponse>
  readonly watch: WatchStream
  /** What the client asks, by the field of the request. */
  ask(request: Parameters<typeof WatchRequest.encode>[0]): void
}

function open(server: EtcdServer, limits: Partial<RpcLimits> = {}, encoder?: WatchEncoder): Opened {
  const headers = new ResponseHeaders(server)
  const stream = new FakeStream(WatchResponse)
  const options = {
    server,
    headers,
    encoder: encoder ?? new WatchEncoder(headers),
    limits: { ...defaultRpcLimits, ...limits },
  }
  const watch = new WatchStream(options, stream)
  const ask: Opened['ask'] = (request) =>
    watch.receive(WatchRequest.decode(WatchRequest.encode(request)))
  return { stream, watch, ask }
}

/** A response in a line. */
function line(response: WatchResponse): string {
  const { header, watchId, created, canceled, cancelReason, compactRevision, events } = response
  return [
    `${watchId}@${header?.revision}`,
    created && 'created',
    response.fragment && 'fragment',
    canceled && 'canceled',
    compactRevision !== 0 && `compacted=${compactRevision}`,
    cancelReason && `(${cancelReason})`,
    ...events.map(({ type, kv }) => `${type} ${kv?.key}`),
  ]
    .filter(Boolean)
    .join(' ')
}

const lines = ({ stream }: Opened): string[] => stream.take().map(line)

describe('a stream of watches', () => {
  const local = () => openLocalServer(new HeldClock())

  it('tells a watch that it is there, then what changes, then that it is gone', async () => {
    await using server = local()
    const opened = open(server)
    opened.ask({ createRequest: { key: 'a', rangeEnd: 'b' } })
    await put(server, 'a1')
    await server.client.deleteRange({ key: 'a1' })
    await put(server, 'b')
    opened.ask({ cancelRequest: { watchId: 0n } })
    await put(server, 'a2')
    await settle()
    expect(lines(opened)).toEqual(['0@1 created', '0@2 put a1', '0@3 delete a1', '0@4 canceled'])
  })

  it('takes the id that the client gives, and passes over it when it chooses itself', async () => {
    await using server = local()
    const opened = open(server)
    for (const watchId of [1n, 0n, 0n, 1n, 0n]) {
      opened.ask({ createRequest: { key: 'a', watchId } })
    }
    expect(lines(opened)).toEqual([
      '1@1 created',
      '0@1 created',
      '2@1 created',
      '-1@1 created canceled (mvcc: duplicate watch ID provided on the WatchStream)',
      '3@1 created',
    ])
  })

  it.each([
    [{ key: 'b', rangeEnd: 'a' }, 'mvcc: watcher range is empty'],
    [{ key: 'a', rangeEnd: 'a' }, 'mvcc: watcher range is empty'],
    [{ key: 'a', startRevision: -1 }, 'etcdserver: mvcc: required revision has been compacted'],
  ])('refuses %j', async (createRequest, reason) => {
    await using server = local()
    const opened = open(server)
    opened.ask({ createRequest })
    expect(lines(opened)).toEqual([`-1@1 created canceled (${reason})`])
  })

  it('says why somebody may not watch, as a whole status', async () => {
    await using server = local()
    const denied = {
      ...server,
      header: server.header,
      subscribe() {
        throw new StoreError({ code: 'PermissionDenied' })
      },
    }
    const opened = open(denied)
    opened.ask({ createRequest: { key: 'a' } })
    expect(lines(opened)).toEqual([
      '-1@1 created canceled ' +
        '(rpc error: code = PermissionDenied desc = etcdserver: permission denied)',
    ])
  })

  it('reads an empty key as the smallest, and an end of \\0 as none', async () => {
    await using server = local()
    const opened = open(server)
    opened.ask({ createRequest: { rangeEnd: '\0' } })
    opened.ask({ createRequest: { key: 'b', rangeEnd: '\0' } })
    await put(server, 'a')
    await put(server, 'c')
    await settle()
    expect(lines(opened)).toEqual([
      '0@1 created',
      '1@1 created',
      '0@2 put a',
      '0@3 put c',
      '1@3 put c',
    ])
  })

  it('sends history in few responses', async () => {
    await using server = local()
    for (let i = 0; i < 100; i++) await put(server, 'a')
    const opened = open(server)
    opened.ask({ createRequest: { key: 'a', startRevision: 2 } })
    await settle()
    const [created, history, ...rest] = opened.stream.take()
    expect(created?.created).toBe(true)
    expect(history?.events.map(({ kv }) => kv?.modRevision)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 2),
    )
    expect(history?.header?.revision).toBe(101)
    expect(rest).toEqual([])
  })

  it('ends a watch whose history is gone, and says where history begins', async () => {
    await using server = local()
    for (let i = 0; i < 5; i++) await put(server, 'a')
    await server.client.compact(5)
    const opened = open(server)
    opened.ask({ createRequest: { key: 'a', startRevision: 2 } })
    await settle()
    expect(lines(opened)).toEqual(['0@6 created', '0@0 canceled compacted=5'])
  })

  it('leaves out what the filters say, and gives the key as it was', async () => {
    await using server = local()
    const opened = open(server)
    opened.ask({ createRequest: { key: 'a', filters: ['noput'], prevKv: true } })
    await put(server, 'a', 'before')
    await server.client.deleteRange({ key: 'a' })
    await settle()
    const [, response] = opened.stream.take()
    expect(response?.events).toHaveLength(1)
    expect(String(response?.events[0]?.prevKv?.value)).toBe('before')
  })

  it('cuts a large transaction for who asked for fragments, and for nobody else', async () => {
    await using server = local()
    const opened = open(server, { requestBytesMax: 1000, requestOverheadBytes: 0 })
    opened.ask({ createRequest: { key: 'a', rangeEnd: 'b', fragment: true } })
    opened.ask({ createRequest: { key: 'a', rangeEnd: 'b' } })
    const success = Array.from({ length: 5 }, (_, i) => ({
      type: 'put' as const,
      key: `a${i}`,
      value: Buffer.alloc(400),
    }))
    await server.client.txn({ success })
    await settle()
    expect(lines(opened).slice(2)).toEqual([
      '0@2 fragment put a0 put a1',
      '0@2 fragment put a2 put a3',
      '0@2 put a4',
      '1@2 put a0 put a1 put a2 put a3 put a4',
    ])
  })

  describe('progress', () => {
    it('is told once for all watches, when they have all there is', async () => {
      await using server = local()
      await put(server, 'a')
      const opened = open(server)
      opened.ask({ createRequest: { key: 'a' } })
      opened.ask({ createRequest: { key: 'a', startRevision: 2 } })
      opened.ask({ progressRequest: {} })
      expect(lines(opened)).toEqual(['0@2 created', '1@2 created'])
      await settle()
      expect(lines(opened)).toEqual(['1@2 put a', '-1@2'])
    })

    it('is told again to who asked again meanwhile, and not to a stream without watches', async () => {
      await using server = local()
      await put(server, 'a')
      const opened = open(server)
      opened.ask({ progressRequest: {} })
      expect(lines(opened)).toEqual([])
      opened.ask({ createRequest: { key: 'a', startRevision: 2 } })
      opened.ask({ progressRequest: {} })
      opened.ask({ progressRequest: {} })
      opened.ask({ progressRequest: {} })
      await settle()
      expect(lines(opened)).toEqual(['0@2 created', '0@2 put a', '-1@2', '-1@2'])
    })

    it('does not wait for a watch that was cancelled', async () => {
      await using server = local()
      await put(server, 'a')
      const opened = open(server)
      opened.ask({ createRequest: { key: 'a' } })
      opened.ask({ createRequest: { key: 'a', startRevision: 2 } })
      opened.ask({ progressRequest: {} })
      opened.ask({ cancelRequest: { watchId: 1n } })
      expect(lines(opened)).toEqual(['0@2 created', '1@2 created', '-1@2', '1@2 canceled'])
    })

    it('of a watch that asked for it comes when nothing happens', async () => {
      const clock = new HeldClock()
      await using server = openLocalServer(clock, { progressNotifyIntervalMs: 1000 })
      const opened = open(server)
      opened.ask({ createRequest: { key: 'a', progressNotify: true } })
      opened.ask({ createRequest: { key: 'a' } })
      await put(server, 'b')
      clock.advance(1000)
      await settle()
      expect(lines(opened)).toEqual(['0@1 created', '1@1 created', '0@2'])
    })
  })

  describe('a client that does not read', () => {
    it('is given no more, and everything when it reads again; others are not held up', async () => {
      await using server = local()
      const slow = open(server)
      const quick = open(server)
      for (const opened of [slow, quick]) {
        opened.ask({ createRequest: { key: 'a', rangeEnd: 'b' } })
      }
      slow.stream.isCongested = true
      for (let i = 0; i < 50; i++) await put(server, `a${i}`)
      await settle()
      const eventsOf = ({ stream }: Opened) => stream.take().flatMap(({ events }) => events)
      // The batch that found the stream congested is not lost: it is sent.
      expect(eventsOf(slow).map(({ kv }) => kv?.key)).toEqual(['a0'])
      expect(eventsOf(quick)).toHaveLength(50)
      slow.stream.isCongested = false
      slow.watch.drain()
      await settle()
      expect(eventsOf(slow).map(({ kv }) => kv?.key)).toEqual(
        Array.from({ length: 49 }, (_, i) => `a${i + 1}`),
      )
    })

    it('is not sent more of its history than it may have waiting', async () => {
      await using server = local()
      for (let i = 0; i < 100; i++) await put(server, 'a', Buffer.alloc(1000))
      const opened = open(server, { congestedBytes: 10_000 })
      opened.ask({ createRequest: { key: 'a', startRevision: 2 } })
      // Like a network that takes nothing.
      Object.defineProperty(opened.stream, 'isCongested', {
        get: () => opened.stream.encoded.reduce((sum, { length }) => sum + length, 0) > 10_000,
      })
      await settle()
      await settle()
      const sent = opened.stream.encoded.reduce((sum, { length }) => sum + length, 0)
      expect(sent).toBeGreaterThan(10_000)
      expect(sent).toBeLessThan(13_000)
    })
  })

  it('encodes an event once, however many streams get it', async () => {
    await using server = local()
    const encoder = new WatchEncoder(new ResponseHeaders(server))
    const streams = Array.from({ length: 10 }, () => open(server, {}, encoder))
    for (const { ask } of streams) ask({ createRequest: { key: 'a', rangeEnd: 'b' } })
    await put(server, 'a')
    await settle()
    const sent = new Set(streams.map(({ stream }) => stream.encoded[1]))
    expect(sent.size).toBe(1)
    expect(streams.map(({ stream }) => line(stream.responses[1] as WatchResponse))).toEqual(
      Array.from({ length: 10 }, () => '0@2 put a'),
    )
  })

  it('lets go of every watch when the call is over', async () => {
    await using server = local()
    const opened = open(server)
    const before = (await server.client.status()).watcherCount
    for (let i = 0; i < 1000; i++) opened.ask({ createRequest: { key: 'a' } })
    expect((await server.client.status()).watcherCount).toBe(before + 1000)
    opened.watch.close()
    expect((await server.client.status()).watcherCount).toBe(before)
  })

  it('takes no more watches than the limit', async () => {
    await using server = local()
    const opened = open(server, { watchesPerStreamMax: 1 })
    opened.ask({ createRequest: { key: 'a' } })
    opened.ask({ createRequest: { key: 'a' } })
    expect(lines(opened)).toEqual([
      '0@1 created',
      '-1@1 created canceled (etcdserver: too many requests)',
    ])
  })

  it('ends the call when the store closes', async () => {
    const server = local()
    const opened = open(server)
    opened.ask({ createRequest: { key: 'a' } })
    await server[Symbol.asyncDispose]()
    expect(opened.stream.ends).toMatchObject([{ code: 'Closed' }])
  })
})
