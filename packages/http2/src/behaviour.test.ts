import { describe, expect, it } from 'vitest'
import { HeldClock, turns } from './clock.fixture.js'
import {
  decodeFrames,
  encodeFrame,
  frameNames,
  literalBlock,
  requestFields,
  uint32,
} from './frames.fixture.js'
import { Flag, FrameType, PREFACE } from './frames.js'
import { HeaderDecoder } from './hpack/decoder.js'
import { type RequestHandler, type ServeOptions, serveHttp2 } from './serve.js'
import { socketPair } from './socket-pair.fixture.js'
import type { RequestHead, ServerStream, StreamReceiver } from './stream.js'

const LISTENER: StreamReceiver = { data() {}, end() {}, closed() {} }

/** A client by hand, with a window that is never in the way, and streams that the test answers. */
function open(options: Partial<ServeOptions> = {}, handler?: RequestHandler) {
  const clock = new HeldClock()
  const [client, server] = socketPair()
  const streams: ServerStream[] = []
  const heads: RequestHead[] = []
  const accept: RequestHandler = (stream, head) => {
    streams.push(stream)
    heads.push(head)
    return handler?.(stream, head) ?? LISTENER
  }
  const connection = serveHttp2(server, { clock, ...options }, accept)
  const heard: Buffer[] = []
  client.on('data', (chunk: Buffer) => heard.push(chunk))
  client.on('error', () => client.destroy())
  const settings = Buffer.concat([Buffer.from([0, 4]), uint32(0x7fff_ffff)])
  client.write(PREFACE)
  client.write(encodeFrame(FrameType.settings, 0, 0, settings))
  client.write(encodeFrame(FrameType.windowUpdate, 0, 0, uint32(1 << 30)))
  let nextId = 1
  return {
    clock,
    client,
    server,
    connection,
    streams,
    heads,
    request(path: string) {
      const flags = Flag.endStream | Flag.endHeaders
      const block = literalBlock(requestFields('GET', path))
      client.write(encodeFrame(FrameType.headers, flags, nextId, block))
      nextId += 2
    },
    turn: turns,
    frames: () => decodeFrames(Buffer.concat(heard)).frames,
    names: () => decodeFrames(Buffer.concat(heard)).frames.map(({ type }) => frameNames.get(type)),
  }
}

describe('what is said in one turn', () => {
  it('leaves in one write, whoever said it', async () => {
    const peer = open()
    for (let i = 0; i < 20; i++) peer.request('/')
    await peer.turn()
    const before = peer.server.writes
    for (const stream of peer.streams) {
      stream.respond(200, ['a', 'b'], Buffer.from('body'))
      queueMicrotask(() => stream.end(['c', 'd']))
    }
    await peer.turn()
    expect(peer.server.writes).toBe(before + 1)
    expect(peer.names().filter((name) => name === 'HEADERS')).toHaveLength(40)
  })

  it('is the bytes of the answer, however large, in order', async () => {
    const peer = open()
    peer.request('/')
    await peer.turn()
    const parts = [10, 5000, 3, 100_000, 7, 2_000_000].map((size, i) => Buffer.alloc(size, 97 + i))
    peer.streams[0]?.respond(200, [])
    for (const part of parts) peer.streams[0]?.write(part)
    peer.streams[0]?.end()
    await peer.turn()
    const body = peer.frames().filter(({ type }) => type === FrameType.data)
    const all = Buffer.concat(body.map(({ payload }) => payload))
    expect(all.equals(Buffer.concat(parts))).toBe(true)
    expect(body.at(-1)?.flags).toBe(Flag.endStream)
  })
})

describe('a body in pieces', () => {
  it('shares frames, and is the same', async () => {
    const peer = open()
    peer.request('/')
    peer.request('/')
    await peer.turn()
    const pieces = Array.from({ length: 500 }, (_, i) => Buffer.from(`${i},`.repeat(i % 90)))
    for (const stream of peer.streams) stream.respond(200, [], pieces, true)
    await peer.turn()
    const whole = Buffer.concat(pieces)
    for (const streamId of [1, 3]) {
      const frames = peer.frames().filter((one) => one.type === 0 && one.streamId === streamId)
      const body = Buffer.concat(frames.map(({ payload }) => payload))
      expect(body.equals(whole)).toBe(true)
      expect(frames).toHaveLength(Math.ceil(whole.length / 16_384))
    }
  })

  it('that never all goes out forgets what has gone', async () => {
    const peer = open()
    peer.request('/')
    await peer.turn()
    const [stream] = peer.streams
    stream?.respond(200, [])
    const sent: Buffer[] = []
    for (let i = 0; i < 400; i++) {
      peer.server.isStuck = i % 20 !== 19
      if (!peer.server.isStuck) peer.server.unstick()
      const piece = Buffer.alloc(7000, i)
      sent.push(piece, piece)
      stream?.write([piece, piece])
      await turns(1)
    }
    stream?.end()
    peer.server.unstick()
    await peer.turn()
    const frames = peer.frames().filter(({ type }) => type === FrameType.data)
    expect(Buffer.concat(frames.map(({ payload }) => payload)).equals(Buffer.concat(sent))).toBe(
      true,
    )
  })
})

describe('headers', () => {
  it('larger than a frame are continued, with nothing between', async () => {
    const peer = open()
    for (let i = 0; i < 2; i++) peer.request('/')
    await peer.turn()
    const fields = ['x-long', 'y'.repeat(40_000)]
    for (const stream of peer.streams) stream.respond(200, fields, Buffer.from('body'), true)
    await peer.turn()
    const answer = ['HEADERS', 'CONTINUATION', 'CONTINUATION', 'DATA']
    expect(peer.names().slice(-8)).toEqual([...answer, ...answer])
    const decoder = new HeaderDecoder({ tableBytesMax: 4096, listBytesMax: 1e6 })
    const blocks = peer.frames().filter(({ type }) => type === 1 || type === 9)
    for (const streamId of [1, 3]) {
      const parts = blocks.filter((frame) => frame.streamId === streamId)
      const block = Buffer.concat(parts.map(({ payload }) => payload))
      expect(parts.map(({ flags }) => flags)).toEqual([0, 0, Flag.endHeaders])
      expect(decoder.decode(block, 0, block.length)).toEqual([':status', '200', ...fields])
    }
  })
})

describe('heads', () => {
  it('that say the same are the same object', async () => {
    const peer = open()
    for (const path of ['/a', '/b', '/a', '/a', '/b']) peer.request(path)
    await peer.turn()
    const [a, b, ...others] = peer.heads
    expect(others).toEqual([a, a, b])
    expect(others[0]).toBe(a)
    expect(others[2]).toBe(b)
    expect(a?.get('nothing')).toBeUndefined()
    expect(a).toMatchObject({ method: 'GET', path: '/a', scheme: 'http', authority: 'test' })
  })
})

describe('a client that reads nothing', () => {
  it('is waited for, in turns, and nothing is lost', async () => {
    const peer = open()
    for (let i = 0; i < 3; i++) peer.request('/')
    await peer.turn()
    peer.server.isStuck = true
    for (const stream of peer.streams) stream.respond(200, [], Buffer.alloc(1_000_000), true)
    await peer.turn()
    for (const stream of peer.streams.slice(1)) expect(stream.queuedBytes).toBe(1_000_000)
    peer.server.unstick()
    await peer.turn()
    const bytes = peer.frames().filter(({ type }) => type === FrameType.data)
    expect(bytes.reduce((sum, { payload }) => sum + payload.length, 0)).toBe(3_000_000)
    expect(peer.connection.openStreams).toBe(0)
  })

  it('gets no new streams when too much waits', async () => {
    const peer = open({ limits: { queuedBytesMax: 500_000 } })
    peer.request('/')
    await peer.turn()
    peer.server.isStuck = true
    peer.streams[0]?.respond(200, [], Buffer.alloc(1_000_000))
    peer.request('/')
    await peer.turn()
    expect(peer.streams).toHaveLength(1)
    peer.server.unstick()
    await peer.turn()
    const [reset] = peer.frames().filter(({ type }) => type === FrameType.rstStream)
    expect(reset?.payload.readUInt32BE(0)).toBe(7)
  })

  it('is cut off when a stream goes on writing', async () => {
    const peer = open({ limits: { queuedBytesMax: 500_000 } })
    peer.request('/')
    await peer.turn()
    peer.server.isStuck = true
    peer.streams[0]?.respond(200, [])
    for (let i = 0; i < 10; i++) peer.streams[0]?.write(Buffer.alloc(200_000))
    expect(peer.streams[0]?.isClosed).toBe(true)
    expect(peer.server.writableEnded).toBe(true)
  })

  it('is no longer read from', async () => {
    const peer = open({ limits: { concurrentStreamsMax: 100_000 } }, (stream) => {
      stream.respond(200, ['etag', 'y'.repeat(1000)], undefined, true)
      return LISTENER
    })
    peer.server.isStuck = true
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < 100; j++) peer.request('/')
      await peer.turn()
    }
    const { length } = peer.streams
    expect(length).toBeLessThan(5000)
    peer.server.unstick()
    await peer.turn()
    expect(peer.streams.length).toBeGreaterThan(length)
  })
})

describe('thousands of streams on one connection', () => {
  it('all get on, whoever asks for much', async () => {
    const peer = open({ limits: { concurrentStreamsMax: 10_000 } })
    const count = 3000
    for (let i = 0; i < count; i++) peer.request('/')
    await peer.turn()
    peer.server.isStuck = true
    const [greedy, ...others] = peer.streams
    greedy?.respond(200, [], Buffer.alloc(20_000_000), true)
    for (const stream of others) stream.respond(200, [], Buffer.alloc(100), true)
    peer.server.unstick()
    await peer.turn()
    const ends = peer.frames().filter(({ type, flags }) => type === 0 && flags === Flag.endStream)
    expect(ends).toHaveLength(count)
    expect(ends.at(-1)?.streamId).toBe(1)
  })
})

describe('signs of life', () => {
  const keepAlive = { intervalMs: 10_000, timeoutMs: 2000 }

  it('are asked of a silent client, who is cut off when it gives none', async () => {
    const peer = open({ keepAlive })
    await peer.turn()
    peer.clock.advance(10_000)
    await peer.turn()
    expect(peer.names()).not.toContain('PING')
    peer.clock.advance(10_000)
    await peer.turn()
    expect(peer.names()).toContain('PING')
    peer.clock.advance(2000)
    await peer.turn()
    expect(peer.server.destroyed).toBe(true)
  })

  it('are anything that it says', async () => {
    const peer = open({ keepAlive })
    for (let i = 0; i < 10; i++) {
      await peer.turn()
      peer.clock.advance(10_000)
      await peer.turn()
      peer.request('/')
      await peer.turn()
    }
    expect(peer.server.destroyed).toBe(false)
    expect(peer.names()).not.toContain('PING')
  })
})

describe('a connection without streams', () => {
  it('is closed after its time, with streams it is not', async () => {
    const peer = open({ idleTimeoutMs: 5000 })
    peer.request('/')
    await peer.turn()
    peer.clock.advance(50_000)
    await peer.turn()
    expect(peer.names()).not.toContain('GOAWAY')
    peer.streams[0]?.respond(200, [], undefined, true)
    peer.clock.advance(10_000)
    await peer.turn()
    expect(peer.names()).toContain('GOAWAY')
  })

  it('leaves no timer behind when it is gone', async () => {
    const peer = open({ idleTimeoutMs: 5000, keepAlive: { intervalMs: 1, timeoutMs: 1 } })
    await peer.turn()
    peer.client.destroy()
    await peer.turn()
    expect(peer.clock.pendingTimers).toBe(0)
  })
})

describe('a stream', () => {
  it('whose connection is lost is cancelled, and takes whatever comes later', async () => {
    const codes: unknown[] = []
    const peer = open({}, () => ({ ...LISTENER, closed: (code) => codes.push(code) }))
    peer.request('/')
    await peer.turn()
    peer.client.destroy()
    await peer.turn()
    expect(codes).toEqual([8])
    const [stream] = peer.streams
    stream?.respond(200, [], Buffer.from('x'))
    stream?.write(Buffer.from('x'))
    stream?.end()
    stream?.reset(1)
    stream?.resume()
    expect(codes).toEqual([8])
  })

  it.each([undefined, Buffer.from('body')])('that has answered says no more', async (body) => {
    const peer = open()
    const block = literalBlock(requestFields('POST', '/'))
    peer.client.write(encodeFrame(FrameType.headers, Flag.endHeaders, 1, block))
    await peer.turn()
    const [stream] = peer.streams
    stream?.respond(200, [], body, true)
    await peer.turn()
    const { length } = peer.frames()
    stream?.respond(500, [])
    stream?.write(Buffer.from('x'))
    stream?.end(['a', 'b'])
    stream?.end()
    await peer.turn()
    expect(peer.frames()).toHaveLength(length)
    expect(peer.frames().at(-1)?.flags).toBe(Flag.endStream | (body ? 0 : Flag.endHeaders))
  })

  it('holds its body back and gives it later, in order', async () => {
    const told: string[] = []
    const peer = open({}, (stream) => {
      stream.pause()
      return {
        data(bytes) {
          told.push(String(bytes))
          if (told.length === 1) stream.pause()
        },
        end: () => told.push('end'),
        closed() {},
      }
    })
    const block = literalBlock(requestFields('POST', '/'))
    peer.client.write(encodeFrame(FrameType.headers, Flag.endHeaders, 1, block))
    for (const text of ['a', 'b', 'c']) {
      peer.client.write(encodeFrame(FrameType.data, 0, 1, Buffer.from(text)))
    }
    peer.client.write(encodeFrame(FrameType.data, Flag.endStream, 1, Buffer.alloc(0)))
    await peer.turn()
    expect(told).toEqual([])
    peer.streams[0]?.resume()
    expect(told).toEqual(['a'])
    peer.streams[0]?.resume()
    expect(told).toEqual(['a', 'b', 'c', 'end'])
  })
})
