import { once } from 'node:events'
import https from 'node:https'
import { ManualClock, systemClock } from '@miniplane/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import WebSocket from 'ws'
import { startEdge } from './edge.fixture.js'
import type { HttpsEdge } from './https.js'

let edge: HttpsEdge
let close: () => Promise<void>

beforeAll(async () => {
  ;({ edge, close } = await startEdge())
})
afterAll(() => close())

const open = (
  path: string,
  protocols: string[] = [],
  headers: Record<string, string> = {},
  { server, certificateAuthority: ca } = edge,
) => new WebSocket(server.replace('https', 'wss') + path, protocols, { ca, headers })
const asAdmin = { authorization: 'Bearer admin' }
const NAMESPACES = '/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Ddefault'

it('a watch sends a message an event', async () => {
  const socket = open(NAMESPACES, [], asAdmin)
  const [message, isBinary] = await once(socket, 'message')
  const event = JSON.parse(String(message))
  expect(isBinary).toBe(false)
  expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'default' } } })
  socket.close()
  await once(socket, 'close')
})

it('events of more bytes than a short length says', async () => {
  const socket = open(
    `/api/v1/namespaces/kube-system/configmaps?watch=true&fieldSelector=metadata.name%3Dlong`,
    [],
    asAdmin,
  )
  await once(socket, 'open')
  const data = { short: 'a'.repeat(300), long: 'b'.repeat(70_000) }
  const post = https.request(`${edge.server}/api/v1/namespaces/kube-system/configmaps`, {
    method: 'POST',
    ca: edge.certificateAuthority,
    headers: { ...asAdmin, 'content-type': 'application/json' },
  })
  post.end(JSON.stringify({ metadata: { name: 'long' }, data }))
  const [message] = await once(socket, 'message')
  expect(JSON.parse(String(message)).object.data).toEqual(data)
  socket.terminate()
})

it('a watch on which nothing happens for an hour is not idle', async () => {
  const clock = new ManualClock(systemClock.now())
  const ofClock = await startEdge({ clock })
  const path = `${NAMESPACES}&allowWatchBookmarks=true&timeoutSeconds=7200`
  const socket = open(path, [], asAdmin, ofClock.edge)
  await once(socket, 'message')
  for (let minute = 0; minute < 60; minute++) clock.advance(60_000)
  const [bookmark] = await once(socket, 'message')
  expect(JSON.parse(String(bookmark)).type).toBe('BOOKMARK')
  socket.terminate()
  await ofClock.close()
})

it('a watch in protobuf sends binary messages', async () => {
  const accept = 'application/vnd.kubernetes.protobuf;stream=watch'
  const socket = open(NAMESPACES, [], { ...asAdmin, accept })
  const [, isBinary] = await once(socket, 'message')
  expect(isBinary).toBe(true)
  socket.terminate()
})

it('a watch that ends says so', async () => {
  const socket = open(`${NAMESPACES}&timeoutSeconds=1`, [], asAdmin)
  const [code] = await once(socket, 'close')
  expect(code).toBe(1005)
})

it('browsers send their token as a protocol, and agree on another', async () => {
  const token = `base64url.bearer.authorization.k8s.io.${Buffer.from('admin').toString('base64url')}`
  const socket = open(NAMESPACES, [token, 'v1.watch'])
  await once(socket, 'open')
  expect(socket.protocol).toBe('v1.watch')
  socket.terminate()
})

it.each([
  ['no user', NAMESPACES, {}, 403],
  ['a wrong token', NAMESPACES, { authorization: 'Bearer wrong' }, 401],
  ['nothing to watch', '/api/v1/nothings?watch=true', asAdmin, 404],
  ['an answer that is no stream', '/api/v1/namespaces/default', asAdmin, 200],
])('%s: answered as a plain request', async (_, path, headers, status) => {
  const socket = open(path, [], headers as Record<string, string>)
  const [, response] = await once(socket, 'unexpected-response')
  expect(response.statusCode).toBe(status)
  response.setEncoding('utf8')
  const [text] = await once(response, 'data')
  expect(JSON.parse(text)).toHaveProperty('kind')
  socket.on('error', () => undefined) // ended before it was a WebSocket: what is tested
  socket.terminate()
})

it('a handshake without a key is refused', async () => {
  const request = https.request(edge.server + NAMESPACES, {
    ca: edge.certificateAuthority,
    agent: false,
    headers: { ...asAdmin, connection: 'Upgrade', upgrade: 'websocket' },
  })
  request.end()
  const [response] = await once(request, 'response')
  expect(response.statusCode).toBe(400)
  response.resume()
})

it('an upgrade to what is not spoken is not made, and the request answered', async () => {
  const request = https.request(`${edge.server}/version`, {
    ca: edge.certificateAuthority,
    agent: false,
    headers: { connection: 'Upgrade', upgrade: 'tomorrow/1.0' },
  })
  request.end()
  const [response] = await once(request, 'response')
  expect(response.statusCode).toBe(200)
  response.resume()
})
