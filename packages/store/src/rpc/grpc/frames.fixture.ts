import { once } from 'node:events'
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2'
import { createConnection } from 'node:net'

/** A message as gRPC frames it. */
export function framed(message: Uint8Array, flag = 0): Buffer {
  const head = Buffer.alloc(5)
  head[0] = flag
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** What a call was answered, as HTTP/2 says it. */
export interface RawAnswer {
  readonly headers: Record<string, unknown>
  readonly body: Buffer
  readonly trailers: Record<string, unknown>
}

/** A client that may say what no gRPC client says. */
export class RawClient implements Disposable {
  readonly session: ClientHttp2Session

  constructor(address: string) {
    this.session = connect(`http://${address}`)
    this.session.on('error', () => this.session.destroy())
  }

  /** The chunks are sent as DATA frames of their own. */
  async call(
    path: string,
    chunks: readonly Uint8Array[],
    headers: OutgoingHttpHeaders = {},
  ): Promise<RawAnswer> {
    const stream = this.session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    const answer = { headers: {}, trailers: {} }
    const body: Buffer[] = []
    stream.on('response', (fields) => Object.assign(answer.headers, fields))
    stream.on('trailers', (fields) => Object.assign(answer.trailers, fields))
    stream.on('data', (chunk: Buffer) => body.push(chunk))
    const closed = once(stream, 'close')
    for (const chunk of chunks) {
      await new Promise((resolve) => stream.write(chunk, resolve))
    }
    stream.end()
    await closed
    return { ...answer, body: Buffer.concat(body) }
  }

  [Symbol.dispose](): void {
    this.session.destroy()
  }
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
export const [DATA, HEADERS, SETTINGS] = [0, 1, 4]
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

/** Frames of a whole call. */
export function callFrames(path: string, stream: number, message: Uint8Array): Buffer {
  const headers = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'a'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ] as const
  const block = Buffer.concat(headers.map(([name, value]) => literal(name, value)))
  return Buffer.concat([
    frame(HEADERS, END_HEADERS, stream, block),
    frame(DATA, END_STREAM, stream, framed(message)),
  ])
}

/** Says bytes behind a preface; answers the types of one stream's frames, a list for each chunk. */
export async function framesHeard(
  address: string,
  bytes: Uint8Array,
  { stream, count }: { readonly stream: number; readonly count: number },
): Promise<number[][]> {
  const [host, port] = address.split(':')
  const socket = createConnection({ host, port: Number(port) })
  socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0, Buffer.alloc(0))]))
  await once(socket, 'data')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(bytes)
  while (framesOf(chunks, stream).flat().length < count) await once(socket, 'data')
  socket.destroy()
  return framesOf(chunks, stream)
}

function framesOf(chunks: readonly Buffer[], stream: number): number[][] {
  const types = chunks.map((chunk) => {
    const found: number[] = []
    for (let at = 0; at + 9 <= chunk.length; at += 9 + chunk.readUIntBE(at, 3)) {
      if (chunk.readUInt32BE(at + 5) === stream) found.push(chunk[at + 3] ?? -1)
    }
    return found
  })
  return types.filter(({ length }) => length > 0)
}
