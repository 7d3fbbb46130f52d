import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTestEtcd } from './etcd.fixture.js'
import { startEtcd } from './index.js'

/** Says the chunks one after the other; answers what came back until the connection was closed. */
async function talk(url: string, chunks: readonly (string | Buffer)[]): Promise<string> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => socket.destroy())
  for (const chunk of chunks) {
    socket.write(chunk)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  return answer
}

const health = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

describe('one port speaks both HTTP/1.1 and gRPC', () => {
  it('whatever way the first bytes come', async () => {
    await using test = await openTestEtcd()
    expect(await talk(test.url, [health])).toContain('{"health":"true","reason":""}')
    expect(await talk(test.url, [...health])).toContain('{"health":"true","reason":""}')
    const session = connectHttp2(test.url)
    const status = await new Promise((resolve) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/etcdserverpb.KV/Nope',
        'content-type': 'application/grpc',
        te: 'trailers',
      })
      stream.on('response', (headers) => resolve(headers['grpc-status']))
      stream.end()
    })
    session.close()
    // Unimplemented: it was gRPC that answered.
    expect(status).toBe('12')
  })

  it.each(['http://10.0.0.1:2379', 'https://[::1]:2379', 'localhost'])(
    'a client that calls %s is answered, again and again',
    async (authority) => {
      await using test = await openTestEtcd()
      const session = connectHttp2(test.url)
      const ask = () =>
        new Promise((resolve, reject) => {
          const stream = session.request({
            ':method': 'POST',
            ':authority': authority,
            ':path': '/etcdserverpb.KV/Nope',
            'content-type': 'application/grpc',
            te: 'trailers',
          })
          stream.on('response', (headers) => resolve(headers['grpc-status']))
          stream.on('error', reject)
          stream.end()
        })
      expect([await ask(), await ask()]).toEqual(['12', '12'])
      session.close()
    },
  )

  it('a client may wait for our settings before it asks', async () => {
    await using test = await openTestEtcd()
    const session = connectHttp2(test.url)
    await new Promise((resolve) => session.once('remoteSettings', resolve))
    const answer = await new Promise((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':authority': 'http://localhost',
        ':path': '/etcdserverpb.KV/Nope',
        'content-type': 'application/grpc',
      })
      stream.on('response', (headers) => resolve(headers['grpc-status']))
      stream.on('error', reject)
      stream.end()
    })
    expect(answer).toBe('12')
    session.close()
  })

  it('what is neither is closed', async () => {
    await using test = await openTestEtcd()
    expect(await talk(test.url, ['\x00\x01garbage'])).toMatch(/^HTTP\/1.1 400|^$/)
    expect(await talk(test.url, [Buffer.from([0x16, 3, 1, 0, 1, 0])])).toBe('')
    expect(await talk(test.url, ['PRI * HTTP/1.0\r\n\r\nthis is not it'])).toBe('')
    expect(await talk(test.etcd.peerUrls[0] as string, ['PRI * HTTP/2.0\r\n\r\n'])).toBe('')
    expect((await fetch(`${test.url}/health`)).status).toBe(200)
  })

  it('a thousand connections that say nothing hinder nobody', async () => {
    await using test = await openTestEtcd()
    const { port } = new URL(test.url)
    const sockets: Socket[] = []
    for (let i = 0; i < 1000; i++) sockets.push(connect(Number(port), '127.0.0.1'))
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.on('connect', resolve))),
    )
    expect((await fetch(`${test.url}/health`)).status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })
})

describe('where it listens', () => {
  it('a Unix socket', async () => {
    await using other = await openTestEtcd()
    const path = join(other.folder, 'client.sock')
    await using test = await openTestEtcd({ 'listen-client-urls': [`unix://${path}`] })
    expect(test.url).toBe(`unix://${path}`)
    const answer = await new Promise<string>((resolve) => {
      let text = ''
      const socket = connect(path, () => socket.write(health))
      socket.on('data', (data) => {
        text += data.toString()
      })
      socket.on('close', () => resolve(text))
    })
    expect(answer).toContain('"health":"true"')
  })

  it('HTTP/1.1 and gRPC on ports of their own', async () => {
    await using test = await openTestEtcd({ 'listen-client-http-urls': ['http://127.0.0.1:0'] })
    const [grpc, http] = test.etcd.clientUrls
    expect((await fetch(`${http}/health`)).status).toBe(200)
    expect(await talk(grpc as string, [health])).toBe('')
  })

  it('a port that is taken is an error that names it', async () => {
    await using test = await openTestEtcd()
    await expect(
      startEtcd({
        'data-dir': join(test.folder, 'other'),
        'log-level': 'fatal',
        'listen-peer-urls': ['http://127.0.0.1:0'],
        'listen-client-urls': [test.url],
        'advertise-client-urls': [test.url],
      }),
    ).rejects.toThrow(`listen ${test.url.slice('http://'.length)}: bind: address already in use`)
  })
})
