import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeldClock } from '../../clock.fixture.js'
import { PutRequest, PutResponse, RangeRequest } from '../../wire/kv.js'
import { listenLocally } from '../local-listener.fixture.js'
import { callFrames, DATA, framed, framesHeard, HEADERS, RawClient } from './frames.fixture.js'
import { GrpcPeer } from './grpc-peer.fixture.js'

const PUT = '/etcdserverpb.KV/Put'
const RANGE = '/etcdserverpb.KV/Range'
const message = PutRequest.encode({ key: 'a', value: Buffer.from('b') })

/** What gRPC over HTTP/2 says about frames, headers and trailers. */
describe('an answer', () => {
  it('comes in one write, status and all', async () => {
    await using listener = await listenLocally({ clock: new HeldClock() })
    const calls = Buffer.concat([1, 3, 5].map((stream) => callFrames(PUT, stream, message)))
    const heard = await framesHeard(listener.address, calls, { stream: 5, count: 3 })
    expect(heard).toEqual([[HEADERS, DATA, HEADERS]])
  })

  it('of a call that fails is one frame', async () => {
    await using listener = await listenLocally({ clock: new HeldClock() })
    const empty = callFrames(RANGE, 1, RangeRequest.encode({ key: '' }))
    const heard = await framesHeard(listener.address, empty, { stream: 1, count: 1 })
    expect(heard).toEqual([[HEADERS]])
  })

  it('has its status in the trailers, its failure in the headers', async () => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const good = await client.call(PUT, [framed(message)])
    expect(good.headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' })
    expect(good.trailers).toMatchObject({ 'grpc-status': '0', 'grpc-message': '' })
    expect(PutResponse.decode(good.body.subarray(5)).header?.revision).toBe(2)
    const bad = await client.call(RANGE, [framed(RangeRequest.encode({ key: '' }))])
    expect(bad.headers).toMatchObject({
      ':status': 200,
      'grpc-status': '3',
      'grpc-message': 'etcdserver: key is not provided',
    })
    expect(bad.body).toHaveLength(0)
  })

  it('says what is no ASCII in percent', async () => {
    await using listener = await listenLocally()
    using peer = new GrpcPeer(listener.address)
    Object.assign(listener.server, {
      put: async () => {
        throw new Error('100 % für\nalle')
      },
    })
    expect(await peer.bytes(PUT, Buffer.from(message))).toMatchObject({
      details: '100 % für\nalle',
    })
  })
})

describe('a request', () => {
  it('may be cut anywhere', async () => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const bytes = framed(message)
    for (const places of [[1], [4, 5], [5], [6, 7], [3, 4, 8], [...bytes.keys()].slice(1)]) {
      const cuts = [0, ...places, bytes.length]
      const chunks = places.map((_, i) => bytes.subarray(cuts[i], cuts[i + 1]))
      const { trailers } = await client.call(PUT, [...chunks, bytes.subarray(places.at(-1))])
      expect(trailers).toMatchObject({ 'grpc-status': '0' })
    }
  })

  it('may be compressed', async () => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const headers = { 'grpc-encoding': 'gzip' }
    const packed = framed(gzipSync(message), 1)
    expect((await client.call(PUT, [packed], headers)).trailers).toMatchObject({
      'grpc-status': '0',
    })
    expect((await client.call(PUT, [framed(message)], headers)).trailers).toMatchObject({
      'grpc-status': '0',
    })
    const { kvs } = await listener.server.client.range({ key: 'a' })
    expect(String(kvs[0]?.value)).toBe('b')
  })

  it('must not become too large by that', async () => {
    const limits = { requestBytesMax: 10_000, requestOverheadBytes: 0 }
    await using listener = await listenLocally({ limits })
    using client = new RawClient(listener.address)
    const bomb = framed(gzipSync(Buffer.alloc(10_000_000)), 1)
    const { headers } = await client.call(PUT, [bomb.subarray(0)], { 'grpc-encoding': 'gzip' })
    expect(headers).toMatchObject({ 'grpc-status': '8' })
    expect(headers['grpc-message']).toMatch(/^grpc: received message /)
  })

  it.each([
    [
      'in a way that nobody knows',
      { 'grpc-encoding': 'snappy' },
      [message, 1],
      12,
      'grpc: Decompressor is not installed for grpc-encoding "snappy"',
    ],
    [
      'without saying how',
      {},
      [message, 1],
      13,
      'grpc: compressed flag set with identity or empty encoding',
    ],
    [
      'with a flag that means nothing',
      {},
      [message, 7],
      13,
      'grpc: received unexpected payload format 7',
    ],
  ] as const)('compressed %s is refused', async (_, more, [bytes, flag], code, text) => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const { headers } = await client.call(PUT, [framed(bytes, flag)], more)
    expect(headers).toMatchObject({ 'grpc-status': String(code), 'grpc-message': text })
    if (code === 12) expect(headers['grpc-accept-encoding']).toBe('identity,gzip')
  })

  it.each([
    [
      { 'content-type': 'application/json' },
      415,
      'invalid gRPC request content-type "application/json"',
    ],
    [
      { 'content-type': 'application/grpcx' },
      415,
      'invalid gRPC request content-type "application/grpcx"',
    ],
    [{ ':method': 'PUT' }, 405, 'Received a HEADERS frame with :method "PUT" which should be POST'],
    [{ 'grpc-timeout': '1x' }, 400, 'malformed grpc-timeout: "1x"'],
  ])('with %j is no call', async (more, httpStatus, text) => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const { headers } = await client.call(PUT, [framed(message)], more)
    expect(headers).toMatchObject({ ':status': httpStatus, 'grpc-message': text })
  })

  it.each(['application/grpc+proto', 'application/grpc;charset=x'])('may be %s', async (type) => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const { trailers } = await client.call(PUT, [framed(message)], { 'content-type': type })
    expect(trailers).toMatchObject({ 'grpc-status': '0' })
  })

  it('that ends before its message is none', async () => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    for (const part of [Buffer.alloc(0), Buffer.from([0, 0]), framed(message).subarray(0, 8)]) {
      const { headers } = await client.call(PUT, [part])
      expect(headers).toMatchObject({ 'grpc-status': '13' })
    }
  })

  it('may carry metadata that nobody looks at', async () => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const headers = { 'trace-bin': 'AAECAw', 'x-any': 'ä' }
    const { trailers } = await client.call(PUT, [framed(message)], headers)
    expect(trailers).toMatchObject({ 'grpc-status': '0' })
  })

  it.each([
    ['1', 'S', 1000],
    ['99', 'm', 99],
    ['1', 'H', 3_600_000],
    ['1000', 'u', 1],
  ])('has until %s%s', async (digits, unit, timeoutMs) => {
    const clock = new HeldClock()
    await using listener = await listenLocally({ clock })
    using client = new RawClient(listener.address)
    Object.assign(listener.server, { put: () => new Promise(() => {}) })
    const headers = { 'grpc-timeout': `${digits}${unit}` }
    const answer = client.call(PUT, [framed(message)], headers)
    const state = Promise.race([answer.then(() => 'answered'), waitFor(20).then(() => 'open')])
    await waitFor(10)
    clock.advance(timeoutMs - 1)
    expect(await state).toBe('open')
    clock.advance(1)
    expect((await answer).headers).toMatchObject({
      'grpc-status': '4',
      'grpc-message': 'context deadline exceeded',
    })
  })
})

describe('noise', () => {
  it('in place of messages is refused call by call, and harms nobody', async () => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const paths = [PUT, RANGE, '/etcdserverpb.Watch/Watch', '/etcdserverpb.Maintenance/Snapshot']
    const anyMessage = fc.uint8Array({ maxLength: 30 }).map((bytes) => framed(bytes))
    const noise = fc.oneof(anyMessage, fc.uint8Array({ maxLength: 30 }))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.array(noise), async (path, chunks) => {
        const { headers, trailers } = await client.call(path, chunks.map(Buffer.from), {
          'grpc-timeout': '20m',
        })
        expect({ ...headers, ...trailers }['grpc-status']).toMatch(/^\d+$/)
      }),
      { numRuns: 200 },
    )
    expect((await client.call(PUT, [framed(message)])).trailers).toMatchObject({
      'grpc-status': '0',
    })
  })
})

describe('many calls on one connection', () => {
  it('are answered, each with its own', async () => {
    await using listener = await listenLocally()
    using client = new RawClient(listener.address)
    const answers = await Promise.all(
      Array.from({ length: 3000 }, (_, i) =>
        client.call(PUT, [framed(PutRequest.encode({ key: `k${i}` }))]),
      ),
    )
    const revisions = answers.map(
      ({ body }) => PutResponse.decode(body.subarray(5)).header?.revision,
    )
    expect(new Set(revisions).size).toBe(3000)
  })
})

/** Some turns of the event loop, in which what was sent arrives. */
async function waitFor(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
}
