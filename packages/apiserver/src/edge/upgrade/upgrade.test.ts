import { once } from 'node:events'
import https from 'node:https'
import { BytePipe, type NodeConnection } from '@miniplane/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { ADMIN } from '../../server.fixture.js'
import { startEdge } from '../edge.fixture.js'
import type { HttpsEdge } from '../https.js'

/**
 * Its commands say their name and then what they hear; its ports give back what they get; its
 * containers have printed `hi`.
 */
const NODE = {
  log: () =>
    async function* () {
      yield Buffer.from('hi')
    },
  exec: (_, command) => ({
    async run({ stdin, stdout, resizes }) {
      await stdout?.write(Buffer.from(`${command.join(' ')}:`))
      for await (const bytes of stdin ?? []) {
        await stdout?.write(bytes)
        if (Buffer.from(bytes).includes('.')) break
      }
      for await (const { width, height } of resizes ?? []) {
        await stdout?.write(Buffer.from(`${width}x${height}`))
        break
      }
      return command[0] === 'fail'
        ? { metadata: {}, status: 'Failure', message: 'failed', reason: 'NonZeroExitCode' }
        : { metadata: {}, status: 'Success' }
    },
  }),
  portForward: () => ({
    signal: new AbortController().signal,
    async connect(port) {
      if (port !== 80) throw new Error('connection refused')
      const pipe = new BytePipe()
      return { received: pipe, sent: pipe, close: () => pipe.end() }
    },
  }),
} as Partial<NodeConnection> as NodeConnection

let edge: HttpsEdge
let close: () => Promise<void>

beforeAll(async () => {
  ;({ edge, close } = await startEdge({
    dialNode: (name) => (name === 'n' ? NODE : undefined),
    tokens: [ADMIN, { token: 'reader', user: { name: 'reader', groups: [] } }],
  }))
  const address = [{ type: 'InternalIP', address: '172.18.0.2' }]
  await post('/api/v1/nodes', { metadata: { name: 'n' }, status: { addresses: address } })
  await post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const containers = [{ name: 'c', image: 'i' }]
  await post('/api/v1/namespaces/default/pods', {
    metadata: { name: 'p' },
    spec: { nodeName: 'n', containers },
  })
  const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get'] }]
  await post('/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'r' }, rules })
  await post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'r' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'reader' }],
  })
})
afterAll(() => close())

async function post(path: string, body: object): Promise<void> {
  const answer = await send('POST', path, { 'content-type': 'application/json' }, body)
  expect(answer.status, answer.text).toBeLessThan(300)
}

async function send(method: string, path: string, headers: object, body?: object) {
  const request = https.request(edge.server + path, {
    method,
    ca: edge.certificateAuthority,
    agent: false,
    headers: { authorization: 'Bearer admin', ...headers },
  })
  request.end(body && JSON.stringify(body))
  const [response] = await once(request, 'response')
  const parts = await response.toArray()
  return { status: response.statusCode, headers: response.headers, text: parts.join('') }
}

const POD = '/api/v1/namespaces/default/pods/p'
const open = (path: string, protocols: string[], token = 'admin') =>
  new WebSocket(`${edge.server.replace('https', 'wss')}${POD}/${path}`, protocols, {
    ca: edge.certificateAuthority,
    headers: { authorization: `Bearer ${token}` },
  })

/** Everything that is said, a text a channel; what is sent goes when the connection is there. */
async function conversation(path: string, protocols: string[], ...sent: (Buffer | string)[]) {
  const socket = open(path, protocols)
  const said = new Map<number, string>()
  socket.on('message', (data: Buffer, isBinary) => {
    const channel = isBinary ? (data[0] as number) : Number(data.toString('latin1', 0, 1))
    const text = isBinary
      ? data.toString('utf8', 1)
      : Buffer.from(data.toString('latin1', 1), 'base64').toString()
    said.set(channel, (said.get(channel) ?? '') + text)
  })
  await once(socket, 'open')
  for (const message of sent) socket.send(message)
  const [code] = await once(socket, 'close')
  return { protocol: socket.protocol, code, said: Object.fromEntries(said) }
}

const SUCCESS = '{"metadata":{},"status":"Success"}'
const stdin = (text: string) => Buffer.concat([Buffer.of(0), Buffer.from(text)])
const CLOSE_STDIN = Buffer.of(255, 0)
const EXEC = 'exec?command=say&stdin=true&stdout=true'

describe('commands over WebSocket', () => {
  it('v5: standard input ends when the client says so', async () => {
    expect(await conversation(EXEC, ['v5.channel.k8s.io'], stdin('hi'), CLOSE_STDIN)).toEqual({
      protocol: 'v5.channel.k8s.io',
      code: 1000,
      said: { 1: 'say:hi', 3: SUCCESS },
    })
  })

  it('v4: it has no end', async () => {
    const { said } = await conversation(EXEC, ['v4.channel.k8s.io'], stdin('hi'), stdin('.'))
    expect(said).toEqual({ 1: 'say:hi.', 3: SUCCESS })
  })

  it('base64, for who takes text only', async () => {
    const text = `0${Buffer.from('hi.').toString('base64')}`
    const { said } = await conversation(EXEC, ['v4.base64.channel.k8s.io'], text)
    expect(said).toEqual({ 1: 'say:hi.', 3: SUCCESS })
  })

  it('the oldest tell no success, and a failure by its text', async () => {
    expect((await conversation(EXEC, [], stdin('.'))).said).toEqual({ 1: 'say:.' })
    const failing = EXEC.replace('say', 'fail')
    const { said } = await conversation(failing, ['channel.k8s.io'], stdin('.'))
    expect(said).toEqual({ 1: 'fail:.', 3: 'failed' })
  })

  it('a terminal has a size', async () => {
    const size = Buffer.concat([Buffer.of(4), Buffer.from('{"Width":80,"Height":24}')])
    const path = 'exec?command=say&stdout=true&tty=true'
    expect((await conversation(path, ['v5.channel.k8s.io'], size)).said[1]).toBe('say:80x24')
  })

  it.each([
    ['a protocol that nobody speaks', EXEC, ['v9.channel.k8s.io'], 'admin', 403, ''],
    ['no command', 'exec?command=say', ['v4.channel.k8s.io'], 'admin', 400, /at least 1 of stdin/],
    [
      'who may get, and not create',
      EXEC,
      ['v5.channel.k8s.io'],
      'reader',
      403,
      /^\{.*"message":"pods \\"p\\" is forbidden: ",/,
    ],
  ])('%s is refused', async (_, path, protocols, token, status, text) => {
    const socket = open(path, protocols, token)
    socket.on('error', () => undefined) // ended before it was a WebSocket: what is tested
    const [, response] = await once(socket, 'unexpected-response')
    expect(response.statusCode).toBe(status)
    expect((await response.toArray()).join('')).toMatch(text)
  })
})

describe('ports over WebSocket', () => {
  it.each([
    ['portforward', 'query parameter "port" is required'],
    ['portforward?ports=80,0', 'port "0" must be > 0'],
    // Before anybody asks a node.
    [
      'portforward?ports=65536',
      'cannot convert to []int32: strconv.ParseUint: parsing \\"65536\\": value out of range"',
    ],
    [
      'portforward?ports=-1',
      'cannot convert to []int32: strconv.ParseUint: parsing \\"-1\\": invalid syntax"',
    ],
  ])('%s is refused', async (path, text) => {
    const socket = open(path, ['v4.channel.k8s.io'])
    socket.on('error', () => undefined) // ended before it was a WebSocket: what is tested
    const [, response] = await once(socket, 'unexpected-response')
    expect(response.statusCode).toBe(400)
    expect((await response.toArray()).join('')).toContain(text)
  })

  it('two channels each, which begin with the port', async () => {
    const socket = open('portforward?ports=80&ports=81', ['v4.channel.k8s.io'])
    const said: Buffer[] = []
    socket.on('message', (data: Buffer) => said.push(data))
    await once(socket, 'open')
    socket.send(Buffer.concat([Buffer.of(0), Buffer.from('echo')]))
    while (said.length < 6) await new Promise((resolve) => setImmediate(resolve))
    const heads = [0, 1, 2, 3].map((channel) => Buffer.of(channel, channel < 2 ? 80 : 81, 0))
    const texts = [
      Buffer.concat([Buffer.of(0), Buffer.from('echo')]),
      Buffer.concat([Buffer.of(3), Buffer.from('connection refused')]),
    ]
    const sorted = (all: Buffer[]) => all.map((one) => one.toString('latin1')).sort()
    expect(sorted(said)).toEqual(sorted([...heads, ...texts]))
    socket.terminate()
  })
})

describe('SPDY is agreed on before it is spoken', () => {
  const spdy = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
  it.each([
    ['no protocol', {}, 400, /header X-Stream-Protocol-Version does not exist in request with \d+/],
    [
      'one that nobody speaks',
      { 'x-stream-protocol-version': 'v9.channel.k8s.io' },
      403,
      'unable to upgrade: unable to negotiate protocol: client supports [v9.channel.k8s.io], server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]\n',
    ],
  ])('%s', async (_, headers, status, text) => {
    const answer = await send('POST', `${POD}/${EXEC}`, { ...spdy, ...headers })
    expect(answer.status).toBe(status)
    if (typeof text === 'string') expect(answer.text).toBe(text)
    else expect(answer.text).toMatch(text)
  })

  it('who asks for no upgrade is told to', async () => {
    const answer = await send('POST', `${POD}/${EXEC}`, {})
    expect([answer.status, JSON.parse(answer.text).message]).toEqual([
      400,
      'Upgrade request required',
    ])
  })
})

describe('a log over WebSocket', () => {
  it.each([
    [[], ['', 'hi']],
    [['binary.k8s.io'], ['', 'hi']],
    [
      ['other', 'base64.binary.k8s.io'],
      ['', Buffer.from('hi').toString('base64')],
    ],
  ])(
    'in %j begins with an empty message and ends with the connection',
    async (offered, expected) => {
      const socket = open('log', offered)
      const messages: string[] = []
      socket.on('message', (message) => messages.push(String(message)))
      await once(socket, 'close')
      expect(messages).toEqual(expected)
      expect(socket.protocol).toBe(offered.at(-1) ?? '')
    },
  )

  it('is refused in a subprotocol that nobody speaks', async () => {
    const socket = open('log', ['channel.k8s.io'])
    const [, response] = await once(socket, 'unexpected-response')
    expect(response.statusCode).toBe(403)
    response.destroy()
  })
})
