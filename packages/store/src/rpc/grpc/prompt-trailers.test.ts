import { once } from 'node:events'
import { createConnection } from 'node:net'
import { describe, expect, it } from 'vitest'
import { HeldClock } from '../../clock.fixture.js'
import { PutRequest } from '../../wire/kv.js'
import { listenLocally } from '../local-listener.fixture.js'

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const [DATA, HEADERS, SETTINGS] = [0, 1, 4]
const [END_STREAM, END_HEADERS] = [1, 4]

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header that no table is needed for. Source: RFC 7541, 6.2.2. */
const literal = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])

function putCall(stream: number): Buffer {
  const headers = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/etcdserverpb.KV/Put'],
    [':authority', 'a'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ] as const
  const message = PutRequest.encode({ key: 'a', value: Buffer.from('b') })
  const body = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message])
  const block = Buffer.concat(headers.map(([name, value]) => literal(name, value)))
  return Buffer.concat([
    frame(HEADERS, END_HEADERS, stream, block),
    frame(DATA, END_STREAM, stream, body),
  ])
}

/** Types of the frames of one stream, a list for each chunk that came. */
function framesOf(chunks: readonly Buffer[], stream: number): number[][] {
  return chunks.map((chunk) => {
    const types: number[] = []
    for (let at = 0; at + 9 <= chunk.length; at += 9 + chunk.readUIntBE(at, 3)) {
      if (chunk.readUInt32BE(at + 5) === stream) types.push(chunk[at + 3] ?? -1)
    }
    return types
  })
}

describe('trailers', () => {
  it('come with the response, in one write', async () => {
    await using listener = await listenLocally({ clock: new HeldClock() })
    const [host, port] = listener.address.split(':')
    const socket = createConnection({ host, port: Number(port) })
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0, Buffer.alloc(0))]))
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    for (const stream of [1, 3, 5]) {
      socket.write(putCall(stream))
      const isComplete = () => framesOf(chunks, stream).flat().length === 3
      while (!isComplete()) await once(socket, 'data')
    }
    const answers = framesOf(chunks, 5).filter(({ length }) => length > 0)
    expect(answers).toEqual([[HEADERS, DATA, HEADERS]])
    socket.destroy()
  })
})
