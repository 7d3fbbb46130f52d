import http2 from 'node:http2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiServer } from '../server.js'
import { startEdge } from './edge.fixture.js'
import { type HttpsEdge, listenHttps } from './https.js'

let edge: HttpsEdge
let server: ApiServer
let client: http2.ClientHttp2Session
let closeAll: () => Promise<void>

beforeAll(async () => {
  const started = await startEdge()
  ;({ edge, server } = started)
  client = connect()
  closeAll = async () => {
    client.destroy()
    await started.close()
  }
})
afterAll(() => closeAll())

const connect = (options: http2.SecureClientSessionOptions = {}) =>
  http2.connect(edge.server, { ca: edge.certificateAuthority, ...options })

interface Answer {
  readonly status: number
  readonly headers: http2.IncomingHttpHeaders
  readonly text: string
}

async function ask(
  method: string,
  path: string,
  {
    body,
    session = client,
    ...headers
  }: { body?: string; session?: http2.ClientHttp2Session } & {
    [name: string]: unknown
  } = {},
): Promise<Answer> {
  const stream = session.request({
    ...{ ':method': method, ':path': path, authorization: 'Bearer admin' },
    ...(headers as http2.OutgoingHttpHeaders),
  })
  const answered = new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
    stream.once('response', resolve).once('error', reject)
  })
  stream.end(body)
  const received = await answered
  let text = ''
  for await (const chunk of stream) text += chunk
  return { status: Number(received[':status']), headers: received, text }
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

it('is what a client gets that offers it, and HTTP/1.1 still is for the others', async () => {
  const created = await ask('POST', CONFIG_MAPS, { body: '{"metadata":{"name":"a"}}' })
  expect(created.status).toBe(201)
  expect(created.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': String(created.text.length),
    'audit-id': expect.any(String),
    date: expect.any(String),
  })
})

it('answers many requests of one connection at a time', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      ask('POST', CONFIG_MAPS, { body: `{"metadata":{"name":"many-${n}"}}` }),
    ),
  )
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  const { text } = await ask('GET', CONFIG_MAPS)
  expect((JSON.parse(text) as { items: unknown[] }).items.length).toBeGreaterThanOrEqual(100)
})

it.each([
  ['that says so', { 'content-length': '3200000' }],
  ['that does not say so', {}],
])('refuses a body over 3 MiB %s', async (_, headers) => {
  const answer = await ask('POST', CONFIG_MAPS, { body: 'x'.repeat(3_200_000), ...headers })
  expect(JSON.parse(answer.text)).toMatchObject({
    code: 413,
    message: 'Request entity too large: limit is 3145728',
  })
  expect((await ask('GET', '/readyz')).text).toBe('ok')
})

it('says on a HEAD what a GET would, without the body', async () => {
  const { status, headers, text } = await ask('HEAD', '/readyz')
  expect([status, headers['content-length'], text]).toEqual([200, '2', ''])
})

it('takes client certificates that it issued', async () => {
  const { certificatePem, privateKeyPem } = edge.issueClientCertificate('carol', ['system:masters'])
  const session = connect({ cert: certificatePem, key: privateKeyPem })
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const { text } = await ask('POST', path, { body: '{}', session, authorization: '' })
  expect(JSON.parse(text).status.userInfo.username).toBe('carol')
  session.destroy()
})

it('sends events, and ends a watch whose client resets it', async () => {
  const watches = async () =>
    Number(/longrunning_requests\S* (\d+)/.exec((await ask('GET', '/metrics')).text)?.[1])
  const before = await watches()
  const stream = client.request({
    ...{ ':path': `${CONFIG_MAPS}?watch=1&fieldSelector=metadata.name%3Dw` },
    authorization: 'Bearer admin',
  })
  await new Promise((resolve) => stream.once('response', resolve))
  const event = new Promise<Buffer>((resolve) => stream.once('data', resolve))
  await ask('POST', CONFIG_MAPS, { body: '{"metadata":{"name":"w"}}' })
  expect(JSON.parse(String(await event))).toMatchObject({ type: 'ADDED' })
  expect(await watches()).toBe(before + 1)
  stream.close(http2.constants.NGHTTP2_CANCEL)
  while ((await watches()) > before) await new Promise((resolve) => setImmediate(resolve))
})

it('says goodbye when it closes', async () => {
  const other = await listenHttps(server)
  const session = http2.connect(other.server, { ca: other.certificateAuthority })
  await ask('GET', '/readyz', { session })
  const code = new Promise((resolve) => session.once('goaway', resolve))
  await other.close()
  expect(await code).toBe(http2.constants.NGHTTP2_NO_ERROR)
})

it('takes a selector of many values', async () => {
  const values = Array.from({ length: 60_000 }, (_, i) => `value-${i}`).join(',')
  const selector = encodeURIComponent(`a in (${values})`)
  const session = connect({ maxSendHeaderBlockLength: 1024 * 1024 })
  const { status } = await ask('GET', `/api/v1/configmaps?labelSelector=${selector}`, { session })
  expect(status).toBe(200)
  session.destroy()
})
