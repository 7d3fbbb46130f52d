import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { CallObserver } from '../call-observer.js'
import {
  type ListenerOptions,
  type LocalListener,
  listenLocally,
} from '../local-listener.fixture.js'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const HEADER = { cluster_id: '14841639068965178418', member_id: '10276657743932975437' }
const header = (revision: string) => ({ ...HEADER, revision, raft_term: '2' })

async function post(listener: LocalListener, path: string, body: unknown, headers = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const url = `http://${listener.address}${path}`
  const response = await fetch(url, { method: 'POST', body: text, headers })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

/** The lines of a stream, one at a time; leaving the loop hangs up. */
async function* lines(listener: LocalListener, path: string, body: string) {
  const hangUp = new AbortController()
  const url = `http://${listener.address}${path}`
  const response = await fetch(url, { method: 'POST', body, signal: hangUp.signal })
  let text = ''
  try {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const parts = text.split('\n')
      text = parts.pop() ?? ''
      for (const part of parts) yield JSON.parse(part)
    }
  } finally {
    hangUp.abort()
  }
}

const withListener =
  (run: (listener: LocalListener) => Promise<void>, options: ListenerOptions = {}) =>
  async () => {
    await using listener = await listenLocally(options)
    await run(listener)
  }

describe('the JSON gateway', () => {
  it(
    'speaks the names of the .proto, 64-bit numbers as strings, and leaves out what is empty',
    withListener(async (listener) => {
      const key = base64('a')
      const put = await post(listener, '/v3/kv/put', { key, value: base64('1'), prev_kv: true })
      expect(put).toEqual({ status: 200, json: { header: header('2') } })
      const txn = await post(listener, '/v3/kv/txn', {
        compare: [{ target: 'MOD', key, mod_revision: '2' }],
        success: [{ requestPut: { key, value: base64('2') } }, { request_range: { key } }],
      })
      const kv = { key, create_revision: '2', mod_revision: '3', version: '2', value: base64('2') }
      expect(txn.json).toEqual({
        header: header('3'),
        succeeded: true,
        responses: [
          { response_put: { header: { revision: '3' } } },
          { response_range: { header: { revision: '3' }, kvs: [kv], count: '1' } },
        ],
      })
    }),
  )

  it.each([
    ['/v3/kv/range', {}, 400, 3, 'etcdserver: key is not provided'],
    ['/v3/kv/range', '', 400, 3, 'etcdserver: key is not provided'],
    ['/v3beta/kv/range', { unknown: 1 }, 400, 3, 'etcdserver: key is not provided'],
    ['/v3/kv/range', { key: '!!' }, 400, 3, 'illegal base64 data at input byte 0'],
    ['/v3/kv/range', 'garbage', 400, 3, "invalid character 'g' looking for beginning of value"],
    ['/v3/kv/range', '{"key"', 400, 3, 'unexpected EOF'],
    ['/v3/kv/range', { key: 'YQ==', revision: 9 }, 400, 11, /future revision/],
    ['/v3/kv/txn', { success: [{}] }, 400, 3, 'etcdserver: key not found'],
    ['/v3/lease/revoke', { ID: '7' }, 404, 5, 'etcdserver: requested lease not found'],
    ['/v3/kv/lease/revoke', { ID: 7 }, 404, 5, 'etcdserver: requested lease not found'],
    ['/v3/auth/enable', {}, 412, 9, 'etcdserver: authentication is not enabled'],
    ['/v3/election/leader', { name: 'YQ==' }, 500, 2, 'election: no leader'],
    ['/v3/election/resign', {}, 500, 2, '"leader" field must be provided'],
  ])('%s %j answers %i', async (path, body, status, code, message) => {
    await using listener = await listenLocally()
    const answer = await post(listener, path, body)
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(answer.json.error).toBe(answer.json.message)
  })

  it.each([
    ['POST', '/v3/kv/nothing', 404, 'Not Found\n'],
    ['GET', '/v3/kv/range', 405, 'Method Not Allowed\n'],
    ['POST', '/v2/keys', 404, '404 page not found\n'],
  ])('%s %s is %i', async (method, path, status, text) => {
    await using listener = await listenLocally()
    const answer = await fetch(`http://${listener.address}${path}`, { method })
    expect([answer.status, await answer.text()]).toEqual([status, text])
  })

  it(
    'passes over what follows the request',
    withListener(async (listener) => {
      const body = `{"key":"${base64('a')}"} and more`
      expect((await post(listener, '/v3/kv/range', body)).status).toBe(200)
    }),
  )

  it(
    'refuses a request that is too large',
    withListener(
      async (listener) => {
        const body = { key: base64('a'), value: base64('x'.repeat(3000)) }
        expect(await post(listener, '/v3/kv/put', body)).toMatchObject({
          status: 429,
          json: { code: 8, message: /^grpc: received message larger than max/ },
        })
      },
      { limits: { requestBytesMax: 1000, requestOverheadBytes: 1000 } },
    ),
  )

  it('lets go of a client that leaves in the middle of its request', async () => {
    const told: string[] = []
    const started: string[] = []
    const observer: CallObserver = {
      started: (_, { name }) => started.push(name),
      handled: (_, { name }, code) => told.push(`${name} ${code}`),
      failed: (_, { name }, error) => told.push(`${name} failed: ${error}`),
    }
    await using listener = await listenLocally({ observer })
    for (const path of ['/v3/kv/put', '/v3/watch']) {
      const socket = connect(listener.port, '127.0.0.1')
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"key"`)
      await expect.poll(() => started.length).toBe(1)
      started.length = 0
      socket.resetAndDestroy()
    }
    await expect.poll(() => told).toEqual(['Put Canceled', 'Watch Canceled'])
  })

  it(
    'hands on the token',
    withListener(async (listener) => {
      let token: unknown
      const range = listener.server.range.bind(listener.server)
      Object.assign(listener.server, {
        range: (request: never, caller: { token: unknown }) => {
          token = caller.token
          return range(request, {})
        },
      })
      await post(listener, '/v3/kv/range', { key: 'YQ==' }, { Authorization: 'secret.1' })
      expect(token).toBe('secret.1')
    }),
  )

  it(
    'watches: a line a response, until the client hangs up',
    withListener(async (listener) => {
      const { client } = listener.server
      await client.put('a', Buffer.from('1'))
      const create = { key: base64('a'), start_revision: '2' }
      const body = JSON.stringify({ create_request: create })
      const seen: unknown[] = []
      for await (const line of lines(listener, '/v3/watch', body)) {
        seen.push(line)
        if (seen.length === 2) await client.deleteRange({ key: 'a' })
        if (seen.length === 3) break
      }
      const kv = {
        key: base64('a'),
        create_revision: '2',
        mod_revision: '2',
        version: '1',
        value: base64('1'),
      }
      const gone = { type: 'DELETE', kv: { key: base64('a'), mod_revision: '3' } }
      expect(seen).toEqual([
        { result: { header: header('2'), created: true } },
        { result: { header: header('2'), events: [{ kv }] } },
        { result: { header: header('3'), events: [gone] } },
      ])
      await expect.poll(async () => (await client.status()).watcherCount).toBe(1)
    }),
  )

  it(
    'reads several requests of a stream, however they are cut',
    withListener(async (listener) => {
      const { client } = listener.server
      await client.leaseGrant({ id: 7n, ttlSeconds: 30 })
      const seen: unknown[] = []
      for await (const line of lines(listener, '/v3/lease/keepalive', ' {"ID":"7"}\n{"ID": 8} ')) {
        seen.push(line)
      }
      expect(seen).toEqual([
        { result: { header: header('1'), ID: '7', TTL: '30' } },
        { result: { header: header('1'), ID: '8' } },
      ])
    }),
  )

  it(
    'sends a snapshot as lines',
    withListener(async (listener) => {
      const left: unknown[] = []
      for await (const { result } of lines(listener, '/v3/maintenance/snapshot', '')) {
        left.push(result.remaining_bytes)
      }
      expect(left).toEqual(['67264', '34496', '1728', '32', undefined])
    }),
  )

  it(
    'holds little for a client that never reads',
    withListener(async (listener) => {
      const body = JSON.stringify({ create_request: { key: base64('a') } })
      const events: unknown[] = []
      const value = Buffer.alloc(100_000)
      for await (const { result } of lines(listener, '/v3/watch', body)) {
        if (result.created) {
          for (let i = 0; i < 200; i++) await listener.server.client.put('a', value)
        } else {
          events.push(...result.events)
          if (events.length === 200) break
        }
      }
      expect(events).toHaveLength(200)
    }),
  )
})
