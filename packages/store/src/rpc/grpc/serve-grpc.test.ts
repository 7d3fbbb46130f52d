import { once } from 'node:events'
import { connect } from 'node:net'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { HealthCheckRequest, HealthCheckResponse } from '../../wire/health.js'
import * as kv from '../../wire/kv.js'
import * as lease from '../../wire/lease.js'
import * as maintenance from '../../wire/maintenance.js'
import { WatchRequest, WatchResponse } from '../../wire/watch.js'
import type { CallObserver } from '../call-observer.js'
import { listenLocally } from '../local-listener.fixture.js'
import { type Ended, GrpcPeer } from './grpc-peer.fixture.js'

const PUT = '/etcdserverpb.KV/Put'
const RANGE = '/etcdserverpb.KV/Range'
const put = [kv.PutRequest, kv.PutResponse] as const
const range = [kv.RangeRequest, kv.RangeResponse] as const
const watch = [WatchRequest, WatchResponse] as const
const keepAlive = [lease.LeaseKeepAliveRequest, lease.LeaseKeepAliveResponse] as const

describe('gRPC', () => {
  it('answers with every header filled', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const header = { clusterId: 0xcdf818194e3a8c32n, memberId: 0x8e9e05c52164694dn, raftTerm: 2 }
    expect(await peer.call(PUT, put, { key: 'a', value: Buffer.from('1') })).toEqual({
      header: { ...header, revision: 2 },
    })
    expect(await peer.call(RANGE, range, { key: 'a', revision: 1 })).toMatchObject({
      header: { ...header, revision: 2 },
      count: 0,
    })
  })

  it.each([
    ['/etcdserverpb.KV/Nothing', 'unknown method Nothing for service etcdserverpb.KV'],
    ['/etcdserverpb.Nothing/Put', 'unknown service etcdserverpb.Nothing'],
    [
      '/grpc.reflection.v1.ServerReflection/x',
      'unknown service grpc.reflection.v1.ServerReflection',
    ],
  ])('does not know %s', async (path, details) => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    expect(await peer.bytes(path, Buffer.alloc(0))).toEqual({ code: status.UNIMPLEMENTED, details })
  })

  it('refuses bytes that are no message, and goes on', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    for (const path of [PUT, RANGE, '/etcdserverpb.Maintenance/Snapshot']) {
      const answer = (await peer.bytes(path, Buffer.from('0a05aa', 'hex'))) as Ended
      // What has no fields passes over them all.
      if (Buffer.isBuffer(answer)) continue
      expect(answer.code).toBe(status.INTERNAL)
      expect(answer.details).toMatch(/^grpc: error unmarshalling request: not a /)
    }
    expect(await peer.call(PUT, put, { key: 'a' })).toHaveProperty('header')
  })

  it('ends a stream at bytes that are no message', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const garbage = { ...WatchRequest, encode: () => Buffer.from('0a05aa', 'hex') }
    const stream = peer.bidi('/etcdserverpb.Watch/Watch', [garbage, WatchResponse])
    stream.write({})
    stream.resume()
    const [error] = await once(stream, 'error')
    expect(error).toMatchObject({ code: status.INTERNAL })
  })

  it('refuses what is too large: by etcd up to 512 KiB more, then by gRPC', async () => {
    const limits = { requestBytesMax: 1000, requestOverheadBytes: 1000 }
    await using listener = await listenLocally({ limits, storeLimits: { requestBytesMax: 1000 } })
    using peer = new GrpcPeer(listener.address)
    const of = (bytes: number) => peer.call(PUT, put, { key: 'a', value: Buffer.alloc(bytes) })
    expect(await of(900)).toHaveProperty('header')
    expect(await of(1500)).toEqual({
      code: status.INVALID_ARGUMENT,
      details: 'etcdserver: request is too large',
    })
    expect(await of(3000)).toEqual({
      code: status.RESOURCE_EXHAUSTED,
      details: 'grpc: received message larger than max (3006 vs. 2000)',
    })
  })

  it('gives up when the deadline has passed, and lets go of what was waited for', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const waiting = listener.server.range.bind(listener.server)
    let signal: AbortSignal | undefined
    Object.assign(listener.server, {
      range: async (_: unknown, caller: { signal: AbortSignal }) => {
        signal = caller.signal
        await once(caller.signal, 'abort')
        throw new Error('nobody hears this')
      },
    })
    const answer = await peer.call(RANGE, range, { key: 'a' }, { deadlineMs: 50 })
    expect(answer).toMatchObject({ code: status.DEADLINE_EXCEEDED })
    await expect.poll(() => signal?.aborted).toBe(true)
    Object.assign(listener.server, { range: waiting })
    expect(await peer.call(RANGE, range, { key: 'a' })).toHaveProperty('header')
  })

  it('hands on the token under both of its names', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const tokens: unknown[] = []
    const answering = listener.server.put.bind(listener.server)
    Object.assign(listener.server, {
      put: (request: never, caller: { token: unknown }) => {
        tokens.push(caller.token)
        return answering(request, caller as never)
      },
    })
    await peer.call(PUT, put, { key: 'a' }, { metadata: { token: 'one' } })
    await peer.call(PUT, put, { key: 'a' }, { metadata: { authorization: 'two' } })
    await peer.call(PUT, put, { key: 'a' })
    expect(tokens).toEqual(['one', 'two', undefined])
  })

  it('answers a bug as Unknown and reports it', async () => {
    const failed: unknown[] = []
    const handled: unknown[] = []
    const observer: CallObserver = {
      failed: (_, { name }, error) => failed.push([name, String(error)]),
      handled: ({ name: service }, { name }, code) => handled.push(`${service}/${name} ${code}`),
    }
    await using listener = await listenLocally({ observer })
    using peer = new GrpcPeer(listener.address)
    Object.assign(listener.server, {
      put: async () => {
        throw new TypeError('x is not a function')
      },
    })
    expect(await peer.call(PUT, put, { key: 'a' })).toEqual({
      code: status.UNKNOWN,
      details: 'x is not a function',
    })
    await peer.call(RANGE, range, { key: 'a' })
    await peer.call(RANGE, range, { key: '' })
    expect(failed).toEqual([['Put', 'TypeError: x is not a function']])
    expect(handled).toEqual([
      'etcdserverpb.KV/Put Unknown',
      'etcdserverpb.KV/Range OK',
      'etcdserverpb.KV/Range InvalidArgument',
    ])
  })

  it('renews leases one after the other, answers 0 for those that are gone, ends with the client', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    await listener.server.client.leaseGrant({ id: 7n, ttlSeconds: 30 })
    const stream = peer.bidi('/etcdserverpb.Lease/LeaseKeepAlive', keepAlive)
    const answers: unknown[] = []
    stream.on('data', ({ id, ttl }) => answers.push([id, ttl]))
    for (const id of [7n, 8n, 7n]) stream.write({ id })
    stream.end()
    const [ended] = await once(stream, 'status')
    expect(ended.code).toBe(status.OK)
    expect(answers).toEqual([
      [7n, 30],
      [8n, 0],
      [7n, 30],
    ])
  })

  it('sends a snapshot in parts that say how much is left, its SHA-256 last', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const types = [maintenance.SnapshotRequest, maintenance.SnapshotResponse] as const
    const stream = peer.serverStream('/etcdserverpb.Maintenance/Snapshot', types, {})
    const parts: [left: number, bytes: number][] = []
    for await (const { remainingBytes, blob } of stream) parts.push([remainingBytes, blob.length])
    expect(parts).toEqual([
      [67264, 32768],
      [34496, 32768],
      [1728, 32768],
      [32, 1696],
      [0, 32],
    ])
  })

  it('is healthy as a whole, and knows no other service', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const types = [HealthCheckRequest, HealthCheckResponse] as const
    const check = (service: string) => peer.call('/grpc.health.v1.Health/Check', types, { service })
    expect(await check('')).toEqual({ status: 'serving' })
    expect(await check('x')).toEqual({ code: status.NOT_FOUND, details: 'unknown service' })
    const stream = peer.serverStream('/grpc.health.v1.Health/Watch', types, { service: '' })
    const [first] = await once(stream, 'data')
    expect(first).toEqual({ status: 'serving' })
    stream.cancel()
    await once(stream, 'error')
  })

  it('watches after the client has no more to ask', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const stream = peer.bidi('/etcdserverpb.Watch/Watch', watch)
    stream.write({ createRequest: { key: 'a' } })
    stream.end()
    await once(stream, 'data')
    await listener.server.client.put('a', Buffer.from('1'))
    const [{ events }] = await once(stream, 'data')
    expect(events).toMatchObject([{ type: 'put', kv: { key: 'a' } }])
    stream.cancel()
    await once(stream, 'error')
  })

  it('carries thousands of watches on one stream', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const stream = peer.bidi('/etcdserverpb.Watch/Watch', watch)
    const created = new Set<bigint>()
    const told: string[] = []
    stream.on('data', ({ watchId, created: isCreated, events }) => {
      if (isCreated) created.add(watchId)
      for (const { kv: one } of events) told.push(one?.key ?? '')
    })
    for (let i = 0; i < 5000; i++) stream.write({ createRequest: { key: `k${i}` } })
    await expect.poll(() => created.size).toBe(5000)
    for (let i = 0; i < 5000; i += 100) await listener.server.client.put(`k${i}`, Buffer.alloc(1))
    await expect.poll(() => told.length).toBe(50)
    expect(new Set(told).size).toBe(50)
    stream.cancel()
    await once(stream, 'error')
    await expect
      .poll(async () => (await listener.server.client.status()).watcherCount)
      .toBeLessThan(5)
  })

  it('holds little for a client that never reads, and loses nothing', async () => {
    let sent = 0
    const observer: CallObserver = {
      sent: (bytes) => {
        sent += bytes
      },
    }
    await using listener = await listenLocally({ observer })
    using peer = new GrpcPeer(listener.address)
    const stream = peer.bidi('/etcdserverpb.Watch/Watch', watch)
    stream.write({ createRequest: { key: 'a' } })
    await once(stream, 'data')
    stream.pause()
    const value = Buffer.alloc(100_000)
    for (let i = 0; i < 300; i++) await listener.server.client.put('a', value)
    // 30 MB of events: the rest waits in the store.
    let before = -1
    await expect
      .poll(() => {
        const grows = sent > before
        before = sent
        return grows
      })
      .toBe(false)
    expect(sent).toBeLessThan(10_000_000)
    let events = 0
    stream.on('data', (response) => {
      events += response.events.length
    })
    stream.resume()
    await expect.poll(() => events).toBe(300)
    stream.cancel()
    await once(stream, 'error')
  })

  it('serves many connections', async () => {
    await using listener = await listenLocally()
    const peers = Array.from({ length: 200 }, () => new GrpcPeer(listener.address))
    const answers = await Promise.all(
      peers.map((peer, i) => peer.call(PUT, put, { key: `k${i}`, value: Buffer.from('x') })),
    )
    expect(answers.filter((answer) => 'header' in answer)).toHaveLength(200)
    for (const peer of peers) peer.client.close()
  })

  it.each([
    ['noise', Buffer.from('PRI is where it begins, and then it is noise\r\n'.repeat(100))],
    ['a preface and noise', Buffer.from(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'x'.repeat(10_000)}`)],
    ['half a preface', Buffer.from('PRI * HT')],
  ])('closes a connection of %s and lives on', async (_, bytes) => {
    await using listener = await listenLocally()
    const socket = connect(listener.port, '127.0.0.1')
    socket.on('error', () => socket.destroy())
    socket.end(bytes)
    socket.resume()
    await once(socket, 'close')
    using peer = new GrpcPeer(listener.address)
    expect(await peer.call(PUT, put, { key: 'a' })).toHaveProperty('header')
  })

  it('ends streams when it closes, in words that clients retry on', async () => {
    const listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    const stream = peer.bidi('/etcdserverpb.Watch/Watch', watch)
    stream.write({ createRequest: { key: 'a' } })
    await once(stream, 'data')
    stream.resume()
    const ended = once(stream, 'error')
    await listener[Symbol.asyncDispose]()
    expect((await ended)[0]).toMatchObject({
      code: status.UNAVAILABLE,
      details: 'etcdserver: server stopped',
    })
  })
})
