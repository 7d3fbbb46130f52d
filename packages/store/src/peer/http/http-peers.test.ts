import { request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { StoreError } from '../../errors.js'
import { eventually, sleep } from '../../eventually.fixture.js'
import { silentLog } from '../../log.js'
import { memberToJson } from '../../membership/member-json.js'
import { newMember } from '../../membership/membership.js'
import type { Message } from '../../raft/types.js'
import { systemClock } from '../../server/system-clock.js'
import { MemberPromoteRequest } from '../../wire/cluster.js'
import { LeaseTimeToLiveRequest, LeaseTimeToLiveResponse } from '../../wire/lease.js'
import { Message as WireMessage } from '../../wire/raft.js'
import { fetchMembers } from './fetch-members.js'
import { connected, introduce, PeerNode } from './peer-node.fixture.js'

const append = (from: bigint, to: bigint, index: number, data = 'x'): Message => ({
  type: 'MsgApp',
  from,
  to,
  term: 7,
  logTerm: 7,
  index,
  entries: [{ type: 'EntryNormal', term: 7, index: index + 1, data: Buffer.from(data) }],
  commit: index,
})
const heartbeat = (from: bigint, to: bigint, index: number): Message => ({
  type: 'MsgHeartbeat',
  from,
  to,
  term: 7,
  index,
})
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const never = new AbortController().signal

describe('messages between members', () => {
  it('come in the order in which they were sent, each way', async () => {
    await using a = await PeerNode.open({ id: 0xan })
    await using b = await PeerNode.open({ id: 0xbn })
    await connected(a, b)
    for (const i of count(200)) {
      a.peers.send([append(a.id, b.id, i, 'e'.repeat(i * 50)), heartbeat(a.id, b.id, i)])
      b.peers.send([heartbeat(b.id, a.id, i)])
    }
    await eventually(() => b.received.length === 400 && a.received.length === 200)
    expect(b.indexes('MsgApp')).toEqual(count(200))
    expect(b.indexes('MsgHeartbeat')).toEqual(count(200))
    expect(a.indexes('MsgHeartbeat')).toEqual(count(200))
    const last = b.received.findLast(({ type }) => type === 'MsgApp')
    expect(last).toMatchObject(append(a.id, b.id, 199, 'e'.repeat(199 * 50)))
  })

  it('go to each of three', async () => {
    await using a = await PeerNode.open({ id: 1n })
    await using b = await PeerNode.open({ id: 2n })
    await using c = await PeerNode.open({ id: 3n })
    introduce(a, b, c)
    a.peers.send([heartbeat(1n, 2n, 5), heartbeat(1n, 3n, 6)])
    await eventually(() => b.received.length === 1 && c.received.length === 1)
    expect([b.indexes('MsgHeartbeat'), c.indexes('MsgHeartbeat')]).toEqual([[5], [6]])
  })

  it('arrive before there is a stream, each as a request', async () => {
    await using a = await PeerNode.open({ id: 1n })
    await using b = await PeerNode.open({ id: 2n })
    a.peers.addPeer(b.id, [b.url])
    for (const i of count(20)) a.peers.send([heartbeat(1n, 2n, i)])
    await eventually(() => b.received.length === 20)
    expect(b.indexes('MsgHeartbeat').sort((x, y) => x - y)).toEqual(count(20))
  })

  it('are dropped and reported where nobody listens, and go through once somebody does', async () => {
    await using a = await PeerNode.open({ id: 1n, limits: { postsQueuedMax: 3 } })
    const b = await PeerNode.open({ id: 2n })
    await connected(a, b)
    await b[Symbol.asyncDispose]()
    await eventually(() => a.peers.activeSince(2n) === undefined)
    a.unreachable.length = 0
    for (const i of count(50)) a.peers.send([heartbeat(1n, 2n, i)])
    expect(a.unreachable).toEqual([]) // never inside of send()
    await eventually(() => a.unreachable.length > 0)
    expect(new Set(a.unreachable)).toEqual(new Set([2n]))
    await sleep(50)

    await using again = await PeerNode.open({ id: 2n, port: b.port })
    again.peers.addPeer(1n, [a.url])
    await eventually(() => a.peers.activeSince(2n) !== undefined)
    a.peers.send([heartbeat(1n, 2n, 77)])
    await eventually(() => again.indexes('MsgHeartbeat').includes(77))
  })

  it('go on when the connections are cut', async () => {
    await using a = await PeerNode.open({ id: 1n })
    await using b = await PeerNode.open({ id: 2n })
    await connected(a, b)
    for (const i of count(10)) {
      a.cut()
      b.cut()
      await eventually(() => {
        a.peers.send([heartbeat(1n, 2n, i)])
        return b.indexes('MsgHeartbeat').includes(i)
      })
    }
  })

  it('use the URL of several that answers', async () => {
    await using a = await PeerNode.open({ id: 1n })
    await using b = await PeerNode.open({ id: 2n })
    a.peers.addPeer(2n, ['http://127.0.0.1:1', b.url])
    b.peers.addPeer(1n, [a.url])
    await eventually(() => a.peers.activeSince(2n) !== undefined)
  })

  it('follow a peer that has moved', async () => {
    await using a = await PeerNode.open({ id: 1n })
    await using b = await PeerNode.open({ id: 2n })
    a.peers.addPeer(2n, ['http://127.0.0.1:1'])
    await eventually(() => a.peers.activeSince(2n) === undefined)
    b.peers.addPeer(1n, [a.url])
    a.peers.updatePeer(2n, [b.url])
    await eventually(() => a.peers.activeSince(2n) !== undefined)
  })

  it('reach one that the sender knows and the receiver does not, and its answer too', async () => {
    await using a = await PeerNode.open({ id: 1n })
    await using b = await PeerNode.open({ id: 2n })
    a.peers.addPeer(2n, [b.url])
    a.peers.send([heartbeat(1n, 2n, 1)])
    await eventually(() => b.received.length === 1)
    b.peers.send([{ type: 'MsgHeartbeatResp', from: 2n, to: 1n, term: 7 }])
    await eventually(() => a.received.length === 1)
  })

  it('of which a member talks to itself, or to others, are not taken', async () => {
    await using a = await PeerNode.open({ id: 1n })
    await using b = await PeerNode.open({ id: 2n })
    await connected(a, b)
    a.peers.send([
      { type: 'MsgHup', from: 1n, to: 2n, term: 0 },
      { type: 'MsgUnreachable', from: 1n, to: 2n, term: 0 },
      heartbeat(1n, 2n, 1),
    ])
    await eventually(() => b.received.length > 0)
    const misdirected = WireMessage.encode(heartbeat(1n, 3n, 2))
    expect((await post(b, '/raft', misdirected)).status).toBe(204)
    expect(b.indexes('MsgHeartbeat')).toEqual([1])
    expect(b.received).toHaveLength(1)
  })
})

describe('a peer that is slow or silent', () => {
  it('does not fill our memory: what is too much is dropped', async () => {
    const limits = { queuedBytesMax: 1024 * 1024, readTimeoutMs: 60_000 }
    await using a = await PeerNode.open({ id: 1n, limits })
    a.peers.addPeer(2n, ['http://127.0.0.1:1'])
    // It asks for our messages, and then reads nothing.
    const socket = connect(a.port, '127.0.0.1')
    socket.write(
      `GET /raft/stream/msgapp/2 HTTP/1.1\r\nHost: a\r\nX-Server-From: 2\r\nX-Server-Version: 3.6.0\r\n` +
        `X-Min-Cluster-Version: 3.0.0\r\nX-Etcd-Cluster-ID: c1\r\nX-Raft-To: 1\r\n\r\n`,
    )
    socket.pause()
    await sleep(100)
    a.unreachable.length = 0
    const big = append(1n, 2n, 1, 'x'.repeat(512 * 1024))
    for (const _ of count(100)) {
      a.peers.send([big])
      await sleep(0)
    }
    await eventually(() => a.unreachable.length > 0)
    socket.destroy()
  })

  it('is given up when nothing comes from it, although its connection is open', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => {
      sockets.push(socket)
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nX-Etcd-Cluster-ID: c1\r\n\r\n'))
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()))
    const { port } = silent.address() as { port: number }
    await using a = await PeerNode.open({ id: 1n, limits: { readTimeoutMs: 100 } })
    a.peers.addPeer(2n, [`http://127.0.0.1:${port}`])
    await eventually(() => a.peers.activeSince(2n) !== undefined)
    await eventually(() => a.peers.activeSince(2n) === undefined)
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  it('is not given up when there is just nothing to say', async () => {
    const limits = { readTimeoutMs: 150, linkHeartbeatMs: 40 }
    await using a = await PeerNode.open({ id: 1n, limits })
    await using b = await PeerNode.open({ id: 2n, limits })
    await connected(a, b)
    const since = a.peers.activeSince(2n)
    await sleep(500)
    expect(a.peers.activeSince(2n)).toBe(since)
    expect([a.received, b.received]).toEqual([[], []])
  })
})

describe('who does not belong here', () => {
  it('a removed member is told so, by streams and by messages, and asks no more', async () => {
    await using a = await PeerNode.open({ id: 1n, handler: { isRemoved: (id) => id === 2n } })
    await using b = await PeerNode.open({ id: 2n })
    b.peers.addPeer(1n, [a.url])
    await eventually(() => b.removals === 2) // each of its streams
    b.peers.send([heartbeat(2n, 1n, 1)])
    await eventually(() => b.removals === 3)
    expect(a.received).toEqual([])
  })

  it('a member of another cluster is refused', async () => {
    await using a = await PeerNode.open({ id: 1n })
    await using b = await PeerNode.open({ id: 2n, clusterId: 0xd2n })
    introduce(a, b)
    b.peers.send([heartbeat(2n, 1n, 1)])
    await eventually(() => b.unreachable.length > 0)
    expect([a.received, a.peers.activeSince(2n), b.peers.activeSince(1n)]).toEqual([
      [],
      undefined,
      undefined,
    ])
  })

  it.each([
    ['another cluster', { 'X-Etcd-Cluster-ID': 'd2' }, 412, 'cluster ID mismatch'],
    ['an old version', { 'X-Server-Version': '2.3.7' }, 412, 'incompatible version'],
    ['a version that needs a newer one', { 'X-Min-Cluster-Version': '4.0.0' }, 412, 'incompat'],
    ['another member', { 'X-Raft-To': '9' }, 412, 'to field mismatch'],
    ['a stranger', {}, 404, 'error sender not found'],
  ])('a stream for %s', async (_, headers, status, text) => {
    await using a = await PeerNode.open({ id: 1n })
    const answer = await ask(a, 'GET', '/raft/stream/message/5', { headers })
    expect(answer).toMatchObject({ status, text: expect.stringContaining(text) })
  })
})

describe('garbage', () => {
  it.each([
    ['GET', '/raft', 405, 'Method Not Allowed'],
    ['POST', '/raft', 400, 'error unmarshalling raft message'],
    ['POST', '/raft/snapshot', 400, 'failed to decode raft message'],
    ['GET', '/raft/stream/nothing/5', 404, 'invalid path'],
    ['GET', '/raft/stream/message/xyz', 404, 'invalid from'],
    ['GET', '/raft/stream/', 404, 'invalid path'],
    ['POST', '/leases', 400, 'etcdserver: '],
    ['POST', '/leases/internal', 400, 'error unmarshalling request'],
    ['POST', '/members/promote/garbage', 404, 'member garbage not found in cluster'],
    ['POST', '/members', 405, 'Method Not Allowed'],
    ['GET', '/nothing', 404, '404 page not found'],
  ] as const)('%s %s', async (method, path, status, text) => {
    const call = () => Promise.reject(new StoreError({ code: 'NotLeader' }))
    await using a = await PeerNode.open({ id: 1n, handler: { call } })
    const body = Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3])
    const answer = await ask(a, method, path, { body })
    expect(answer).toMatchObject({ status, text: expect.stringContaining(text) })
  })

  it('in a stream: it is opened anew', async () => {
    let dials = 0
    const server = createServer((socket) => {
      socket.once('data', () => {
        dials++
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.write(Buffer.alloc(100, 0x7f))
      })
      socket.on('error', () => socket.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    await using a = await PeerNode.open({ id: 1n })
    a.peers.addPeer(2n, [`http://127.0.0.1:${(server.address() as { port: number }).port}`])
    await eventually(() => dials > 6)
    expect(a.received).toEqual([])
    server.close()
  })

  it.each(['/raft', '/leases'])('that never ends is not kept by %s', async (path) => {
    const limits = { messageBytesMax: 1024, questionBytesMax: 1024 }
    await using a = await PeerNode.open({ id: 1n, limits })
    const answer = await post(a, path, Buffer.alloc(100_000)).catch(() => ({ status: 500 }))
    expect(answer.status).toBe(500)
  })
})

describe('questions', () => {
  it('reach the peer as they were asked, whatever HTTP makes of them', async () => {
    const asked: unknown[] = []
    const ttl = { id: 5n, ttl: 3, grantedTtl: 9, keys: ['a', '\xff'] }
    await using a = await PeerNode.open({
      id: 1n,
      handler: {
        call: (path, body) => {
          asked.push([path, Buffer.from(body).toString('hex')])
          return Promise.resolve(LeaseTimeToLiveResponse.encode(ttl))
        },
      },
    })
    await using b = await PeerNode.open({ id: 2n })
    b.peers.addPeer(1n, [a.url])
    const question = LeaseTimeToLiveRequest.encode({ id: 5n, keys: true })
    const answer = await b.peers.call(1n, 'leases/timetolive', question, never)
    expect(LeaseTimeToLiveResponse.decode(answer)).toMatchObject(ttl)
    const keepAlive = await b.peers.call(1n, 'leases/keepalive', question, never)
    expect(LeaseTimeToLiveResponse.decode(keepAlive)).toMatchObject(ttl)
    const promote = MemberPromoteRequest.encode({ id: 2n ** 63n + 7n })
    await b.peers.call(1n, 'members/promote', promote, never)
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    expect(asked).toEqual([
      ['leases/timetolive', hex(question)],
      ['leases/keepalive', hex(question)],
      ['members/promote', hex(promote)],
    ])
  })

  it.each([
    'LeaseNotFound',
    'MemberNotFound',
    'MemberNotLearner',
    'LearnerNotReady',
    'NotLeader',
    'MemberNotEnoughStarted',
    'Timeout',
  ] as const)('come back with the refusal %s', async (code) => {
    const call = () => Promise.reject(new StoreError({ code }))
    await using a = await PeerNode.open({ id: 1n, handler: { call } })
    await using b = await PeerNode.open({ id: 2n })
    b.peers.addPeer(1n, [a.url])
    const question = b.peers.call(1n, 'leases/keepalive', new Uint8Array(0), never)
    await expect(question).rejects.toMatchObject({ code })
  })

  it('end when nobody answers, or nobody wants the answer any more', async () => {
    const call = () => new Promise<Uint8Array>(() => undefined)
    await using a = await PeerNode.open({ id: 1n, handler: { call } })
    await using b = await PeerNode.open({ id: 2n, limits: { callTimeoutMs: 100 } })
    b.peers.addPeer(1n, [a.url])
    const ask = (id: bigint, signal = never) =>
      b.peers.call(id, 'leases/keepalive', new Uint8Array(0), signal)
    await expect(ask(9n)).rejects.toMatchObject({ code: 'TimeoutDueToConnectionLost' })
    await expect(ask(1n)).rejects.toMatchObject({ code: 'TimeoutDueToConnectionLost' })
    const abort = new AbortController()
    const question = ask(1n, abort.signal)
    abort.abort()
    await expect(question).rejects.toMatchObject({ code: 'Canceled' })
  })
})

describe('fetchMembers', () => {
  it('asks one after the other until one answers', async () => {
    const members = [
      { ...newMember(['http://h:1'], true, 5), name: 'a', clientUrls: ['http://c:1'] },
    ]
    await using a = await PeerNode.open({ id: 1n, members })
    const options = { clock: systemClock, log: silentLog }
    expect(await fetchMembers(['http://127.0.0.1:1', a.url], options)).toEqual({
      clusterId: 0xc1n,
      members,
    })
    expect(await fetchMembers(['http://127.0.0.1:1'], options)).toBeUndefined()
    const { text } = await ask(a, 'GET', '/members', {})
    expect(text).toBe(`[${members.map(memberToJson).join()}]\n`)
  })

  it('says which versions we are', async () => {
    await using a = await PeerNode.open({ id: 1n })
    const { text } = await ask(a, 'GET', '/version', {})
    expect(text).toBe('{"etcdserver":"3.6.0","etcdcluster":"3.6.0"}')
  })
})

interface Answer {
  readonly status: number
  readonly text: string
}

const post = (node: PeerNode, path: string, body: Uint8Array): Promise<Answer> =>
  ask(node, 'POST', path, { body })

function ask(
  node: PeerNode,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: Uint8Array },
): Promise<Answer> {
  const all = {
    'X-Server-Version': '3.6.0',
    'X-Min-Cluster-Version': '3.0.0',
    'X-Etcd-Cluster-ID': 'c1',
    'X-Raft-To': '1',
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, node.url), { method, headers: all, agent: false })
    asked.on('error', reject)
    asked.on('response', async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode ?? 0, text })
    })
    asked.end(body)
  })
}
