import tls from 'node:tls'
import { systemClock } from '@miniplane/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startEdge } from '../edge.fixture.js'
import type { HttpsEdge } from '../https.js'

let edge: HttpsEdge
let close: () => Promise<void>

beforeAll(async () => {
  ;({ edge, close } = await startEdge())
})
afterAll(() => close())

/** A connection as bytes. */
class Wire {
  readonly socket: tls.TLSSocket
  text = ''
  readonly closed: Promise<void>

  static async open(): Promise<Wire> {
    const socket = tls.connect({
      ...{ host: edge.host, port: edge.port, ca: edge.certificateAuthority },
      ...{ servername: 'localhost', ALPNProtocols: ['http/1.1'] },
    })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    return new Wire(socket)
  }

  constructor(socket: tls.TLSSocket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.text += text
    })
    // Who is hung up on with bytes on their way may hear of a reset instead of an end.
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise((resolve) => this.socket.once('data', resolve))
  }

  get statuses(): string[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status)
  }
}

const AUTHORIZED = 'Host: a\r\nAuthorization: Bearer admin\r\n'
const get = (path: string, fields = '') => `GET ${path} HTTP/1.1\r\n${AUTHORIZED}${fields}\r\n`
const post = (path: string, body: string, fields = '') =>
  `POST ${path} HTTP/1.1\r\n${AUTHORIZED}${fields}Content-Length: ${body.length}\r\n\r\n${body}`
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const namesIn = (text: string) =>
  [...text.matchAll(/"metadata":{"name":"([^"]+)"/g)].map(([, name]) => name)

it('answers requests that were sent ahead, in their order', async () => {
  const wire = await Wire.open()
  const names = ['a', 'b', 'c']
  const writes = names.map((name) => post(CONFIG_MAPS, `{"metadata":{"name":"${name}"}}`))
  const reads = names.map((name) => get(`${CONFIG_MAPS}/${name}`))
  wire.socket.write([...writes, ...reads].join(''))
  await wire.until(() => wire.statuses.length === 6 && namesIn(wire.text).length === 6)
  expect(wire.statuses).toEqual(['201', '201', '201', '200', '200', '200'])
  expect(namesIn(wire.text)).toEqual([...names, ...names])
  wire.socket.destroy()
})

it('does not mind how the network cuts a request into pieces', async () => {
  const wire = await Wire.open()
  const requests = post(CONFIG_MAPS, '{"metadata":{"name":"pieces"}}') + get('/readyz')
  for (const byte of requests) {
    wire.socket.write(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await wire.until(() => wire.text.endsWith('\r\n\r\nok'))
  expect(wire.statuses).toEqual(['201', '200'])
  wire.socket.destroy()
})

it('goes on with a request of any other form, and with those behind it', async () => {
  const wire = await Wire.open()
  const chunked = '{"metadata":{"name":"chunked"}}'
  wire.socket.write(
    get('/readyz') +
      `POST ${CONFIG_MAPS} HTTP/1.1\r\n${AUTHORIZED}Transfer-Encoding: chunked\r\n\r\n` +
      `${chunked.length.toString(16)}\r\n${chunked}\r\n0\r\n\r\n` +
      get('/readyz', 'Connection: close\r\n'),
  )
  await wire.closed
  expect(wire.statuses).toEqual(['200', '201', '200'])
  expect(namesIn(wire.text)).toEqual(['chunked'])
})

it.each([
  ['no HTTP', 'hello\r\n\r\n', '400'],
  ['another version', `GET / HTTP/9.1\r\n${AUTHORIZED}\r\n`, '505'],
  ['a header without a colon', `GET / HTTP/1.1\r\n${AUTHORIZED}nonsense\r\n\r\n`, '400'],
  ['two lengths', post('/api', 'x', 'Content-Length: 7\r\n'), '400'],
  ['a head without end', `GET / HTTP/1.1\r\n${`X: ${'y'.repeat(1000)}\r\n`.repeat(1100)}`, '431'],
])('refuses %s, and hangs up', async (_, bytes, status) => {
  const wire = await Wire.open()
  wire.socket.write(bytes)
  await wire.closed
  expect(wire.statuses).toEqual([status])
})

it('answers in turn what was sent ahead behind a body in chunks', async () => {
  const wire = await Wire.open()
  const body = '{"metadata":{"name":"turns"}}'
  const inChunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  wire.socket.write(
    `POST ${CONFIG_MAPS} HTTP/1.1\r\n${AUTHORIZED}Transfer-Encoding: chunked\r\n\r\n${inChunks}` +
      get(`${CONFIG_MAPS}/turns`) +
      get(`${CONFIG_MAPS}/turns`).replace('GET', 'DELETE') +
      get(`${CONFIG_MAPS}/turns`, 'Connection: close\r\n') +
      get('/never-read'),
  )
  await wire.closed
  expect(wire.statuses).toEqual(['201', '200', '200', '404'])
})

it.each([
  ['alone', '\n', '\n\n'],
  ['in some lines', '\r\n', '\n\n'],
  ['in others', '\n', '\r\n\r\n'],
])('takes lines that end in a line feed %s', async (_, line, last) => {
  const wire = await Wire.open()
  wire.socket.write(`GET /readyz HTTP/1.1${line}Host: a${last}${get('/version')}`)
  await wire.until(() => wire.statuses.length === 2)
  expect(wire.statuses).toEqual(['200', '200'])
  wire.socket.destroy()
})

it('takes a selector of many values', async () => {
  const wire = await Wire.open()
  const values = Array.from({ length: 5000 }, (_, i) => `value-${i}`).join(',')
  wire.socket.write(get(`${CONFIG_MAPS}?labelSelector=${encodeURIComponent(`a in (${values})`)}`))
  await wire.until(() => wire.statuses.length === 1)
  expect(wire.statuses).toEqual(['200'])
  wire.socket.destroy()
})

it('sends the events of a watch in chunks', async () => {
  const [watching, writing] = [await Wire.open(), await Wire.open()]
  watching.socket.write(get(`${CONFIG_MAPS}?watch=1&fieldSelector=metadata.name%3Dw`))
  await watching.until(() => watching.text.includes('\r\n\r\n'))
  writing.socket.write(post(CONFIG_MAPS, '{"metadata":{"name":"w"}}'))
  await watching.until(() => watching.text.endsWith('}\n\r\n'))
  const [, size = '', line = ''] = /\r\n\r\n([0-9a-f]+)\r\n(.*\n)\r\n$/.exec(watching.text) ?? []
  expect(Number.parseInt(size, 16)).toBe(line.length)
  expect(JSON.parse(line)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'w' } } })
  for (const { socket } of [watching, writing]) socket.destroy()
})

it('sends a large list to a slow reader whole, and then what it asked for next', async () => {
  const wire = await Wire.open()
  const data = 'x'.repeat(100_000)
  for (let n = 0; n < 20; n++)
    wire.socket.write(
      post(CONFIG_MAPS, `{"metadata":{"name":"large-${n}"},"data":{"d":"${data}"}}`),
    )
  await wire.until(() => wire.statuses.length === 20)
  wire.socket.pause()
  wire.socket.write(get(CONFIG_MAPS) + get('/readyz'))
  await new Promise((resolve) => systemClock.setTimer(100, () => resolve(undefined)))
  wire.text = ''
  wire.socket.resume()
  await wire.until(() => wire.text.endsWith('\r\n\r\nok'))
  const start = wire.text.indexOf('{"kind":"ConfigMapList"')
  const length = Number(/Content-Length: (\d+)/.exec(wire.text.slice(0, start))?.[1])
  const list = JSON.parse(wire.text.slice(start, start + length)) as { items: unknown[] }
  expect(list.items.length).toBeGreaterThanOrEqual(20)
  wire.socket.destroy()
})
