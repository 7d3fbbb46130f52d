import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { sleep, systemClock } from '@miniplane/api'
import { afterEach, describe, expect, it } from 'vitest'
import { SpdyConnection } from './connection.js'
import {
  controlFrame,
  dataFrame,
  FLAG_FIN,
  type Frame,
  FrameReader,
  FrameType,
  numbers,
} from './frames.js'
import { HeaderBlocks } from './header-blocks.js'
import { type SpdyLimits, spdyLimits } from './limits.js'
import type { SpdyStream } from './stream.js'

const servers: (() => void)[] = []
afterEach(() => {
  for (const close of servers.splice(0)) close()
})

/** A client that writes frames by hand, and the server's end of its connection. */
class Peer {
  readonly frames: Frame[] = []
  readonly #reader = new FrameReader(1024 * 1024)
  readonly #blocks = new HeaderBlocks(64 * 1024)
  readonly socket: Socket
  readonly streams: SpdyStream[]

  constructor(socket: Socket, streams: SpdyStream[]) {
    this.socket = socket
    this.streams = streams
    socket.on('data', (bytes) => this.frames.push(...this.#reader.read(bytes)))
    socket.on('error', () => socket.destroy())
  }

  async open(id: number, headers: Readonly<Record<string, string>>, flags = 0): Promise<void> {
    const block = await this.#blocks.pack(new Map(Object.entries(headers)))
    const head = Buffer.concat([numbers(id, 0), Buffer.alloc(2)])
    this.socket.write(controlFrame(FrameType.synStream, flags, Buffer.concat([head, block])))
  }

  async seen(what: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(what)
      if (found) return found
      if (this.socket.destroyed) throw new Error('the connection is over')
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  control(type: number): Promise<Frame> {
    return this.seen((frame) => frame.kind === 'control' && frame.type === type)
  }

  async stream(index: number): Promise<SpdyStream> {
    while (!this.streams[index]) await new Promise((resolve) => setImmediate(resolve))
    return this.streams[index] as SpdyStream
  }
}

const surroundings = {
  clock: systemClock,
  onFailure(error: unknown) {
    throw error
  },
}

async function peer(limits: Partial<SpdyLimits> = {}): Promise<Peer> {
  const streams: SpdyStream[] = []
  const server = createServer((socket) => {
    new SpdyConnection(socket, (stream) => streams.push(stream), surroundings, {
      ...spdyLimits,
      ...limits,
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  servers.push(() => {
    socket.destroy()
    server.close()
  })
  return new Peer(socket, streams)
}

const text = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  let all = ''
  for await (const bytes of source) all += Buffer.from(bytes).toString()
  return all
}

describe('streams', () => {
  it('have headers, are answered, and carry bytes both ways', async () => {
    const client = await peer()
    await client.open(1, { streamtype: 'data', port: '80' })
    const stream = await client.stream(0)
    expect(Object.fromEntries(stream.headers)).toEqual({ streamtype: 'data', port: '80' })
    await client.control(FrameType.synReply)
    client.socket.write(dataFrame(1, 0, Buffer.from('to ')))
    client.socket.write(dataFrame(1, FLAG_FIN, Buffer.from('the server')))
    expect(await text(stream.received)).toBe('to the server')
    await stream.sent.write(Buffer.from('to the client'))
    stream.sent.end()
    const data = await client.seen((frame) => frame.kind === 'data' && frame.payload.length > 0)
    expect(data.payload.toString()).toBe('to the client')
    await client.seen((frame) => frame.kind === 'data' && (frame.flags & FLAG_FIN) !== 0)
  })

  it('share one packing of headers, in their order', async () => {
    const client = await peer()
    for (let id = 1; id < 20; id += 2) await client.open(id, { requestid: String(id), port: '80' })
    await client.stream(9)
    expect(client.streams.map(({ headers }) => headers.get('requestid'))).toEqual(
      Array.from({ length: 10 }, (_, index) => String(index * 2 + 1)),
    )
  })

  it('end with the connection, and writers hear of it', async () => {
    const client = await peer()
    await client.open(1, {})
    const stream = await client.stream(0)
    const read = text(stream.received)
    client.socket.destroy()
    expect(await read).toBe('')
    await expect(
      (async () => {
        for (;;) await stream.sent.write(Buffer.alloc(1024))
      })(),
    ).rejects.toThrow('broken pipe')
  })

  it('that are too many are refused', async () => {
    const client = await peer({ streamsMax: 2 })
    for (const id of [1, 3, 5]) await client.open(id, {})
    const reset = await client.control(FrameType.rstStream)
    expect(reset.payload).toEqual(numbers(5, 3))
    expect(client.streams).toHaveLength(2)
  })

  it('that the client resets break', async () => {
    const client = await peer()
    await client.open(1, {})
    const stream = await client.stream(0)
    client.socket.write(controlFrame(FrameType.rstStream, 0, numbers(1, 5)))
    await expect(text(stream.received)).resolves.toBe('')
    await expect(stream.sent.write(Buffer.from('x'))).rejects.toThrow('broken pipe')
  })
})

describe('flow', () => {
  it('while nobody reads a stream, the client has to wait', async () => {
    const client = await peer({ streamRoomBytes: 1024 })
    await client.open(1, {})
    const stream = await client.stream(0)
    let written = 0
    while (written < 64 * 1024 * 1024 && client.socket.write(dataFrame(1, 0, Buffer.alloc(65_536))))
      written += 65_536
    await sleep(systemClock, 50)
    expect(stream.received.queuedBytes).toBeLessThanOrEqual(65_536)
    for await (const _ of stream.received) if (client.socket.writableLength === 0) break
    await client.control(FrameType.windowUpdate)
  })

  it('a client that speaks of windows is sent no more than they hold', async () => {
    const client = await peer()
    const settings = Buffer.concat([numbers(1, 7), numbers(10)])
    client.socket.write(controlFrame(FrameType.settings, 0, settings))
    await client.open(1, {})
    const stream = await client.stream(0)
    const writing = stream.sent.write(Buffer.from('0123456789abcdef'))
    const first = await client.seen((frame) => frame.kind === 'data')
    expect(first.payload.toString()).toBe('0123456789')
    client.socket.write(controlFrame(FrameType.windowUpdate, 0, numbers(1, 100)))
    await writing
    const second = await client.seen((frame) => frame.kind === 'data' && frame !== first)
    expect(second.payload.toString()).toBe('abcdef')
  })
})

it('a ping is answered', async () => {
  const client = await peer()
  client.socket.write(controlFrame(FrameType.ping, 0, numbers(7)))
  expect((await client.control(FrameType.ping)).payload).toEqual(numbers(7))
})

describe('what no connection survives', () => {
  it.each<[string, Buffer]>([
    ['another version', Buffer.from([0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1])],
    ['a frame that is too large', Buffer.from([0x80, 3, 0, 6, 0, 0xff, 0xff, 0xff])],
    ['HTTP', Buffer.from('POST /api HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['headers that are not packed', controlFrame(FrameType.synStream, 0, Buffer.alloc(40, 1))],
    ['a stream without a head', controlFrame(FrameType.synStream, 0, Buffer.alloc(3))],
    ['data for a stream that never was', dataFrame(9, 0, Buffer.from('x'))],
    ['settings of a wrong length', controlFrame(FrameType.settings, 0, numbers(5))],
    ['a window that does not change', controlFrame(FrameType.windowUpdate, 0, numbers(1, 0))],
  ])('%s', async (_, bytes) => {
    const client = await peer()
    client.socket.write(bytes)
    expect((await client.control(FrameType.goAway)).payload).toEqual(numbers(0, 1))
    await once(client.socket, 'close')
  })

  it.each<[string, number[]]>([
    ['a stream of the server’s numbers', [2]],
    ['a stream twice', [3, 3]],
    ['a stream before the last one', [5, 3]],
  ])('%s', async (_, ids) => {
    const client = await peer()
    for (const id of ids) await client.open(id, {})
    await client.control(FrameType.goAway)
    await once(client.socket, 'close')
  })

  it('headers that unpack to more than is allowed', async () => {
    const client = await peer({ headerBytesMax: 4096 })
    await client.open(1, { big: 'a'.repeat(60_000) })
    await client.control(FrameType.goAway)
    expect(client.streams).toEqual([])
  })
})
