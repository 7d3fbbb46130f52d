import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Listening, listening } from './listening.fixture.js'

const isMissing = (program: string) => spawnSync(program, ['--version']).error !== undefined

interface Answer {
  readonly status: number
  readonly body: string
  readonly trailers: Record<string, unknown> | undefined
}

function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined })
    let status = 0
    let trailers: Record<string, unknown> | undefined
    const chunks: Buffer[] = []
    stream.on('response', (answer) => {
      status = answer[':status'] ?? 0
    })
    stream.on('trailers', (fields) => {
      trailers = fields
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => resolve({ status, body: String(Buffer.concat(chunks)), trailers }))
    if (body !== undefined) stream.end(body)
  })
}

async function withSession(
  run: (session: ClientHttp2Session, server: Listening) => Promise<void>,
): Promise<void> {
  await using server = await listening()
  // What a body of a test takes is not too much for its client.
  const session = connect(server.url, { maxSessionMemory: 100 })
  session.on('error', () => session.destroy())
  try {
    await run(session, server)
  } finally {
    session.destroy()
  }
}

describe('node:http2', () => {
  it('gets bodies, statuses and trailers', async () => {
    await withSession(async (session) => {
      expect(await ask(session, { ':path': '/hello' })).toMatchObject({
        status: 200,
        body: 'hello',
      })
      expect(await ask(session, { ':path': '/none' })).toMatchObject({ status: 404, body: '' })
      const { trailers } = await ask(session, { ':path': '/trailers', ':method': 'POST' }, 'x')
      expect(trailers).toMatchObject({ checked: 'yes' })
    })
  })

  it('has hundreds of streams at once, large and small, both ways', async () => {
    await withSession(async (session) => {
      const sizes = Array.from({ length: 200 }, (_, i) => (i * i * 37) % 60_000)
      const answers = await Promise.all(
        sizes.map((size, i) => {
          const path = i % 2 === 0 ? '/echo' : '/stream'
          return ask(session, { ':path': path, ':method': 'POST' }, Buffer.alloc(size, 'e'))
        }),
      )
      expect(answers.map(({ body }) => body.length)).toEqual(sizes)
    })
  })

  it('sends and gets more than any window holds', async () => {
    await withSession(async (session) => {
      const body = Buffer.alloc(20_000_000, 'u')
      const answer = await ask(session, { ':path': '/stream', ':method': 'POST' }, body)
      expect(answer.body.length).toBe(body.length)
    })
  })

  it('may say any header that it can', async () => {
    await withSession(async (session) => {
      const all = Array.from({ length: 224 }, (_, i) => String.fromCharCode(i + 32))
      const value = all
        .filter((one) => one !== '\x7f')
        .join('')
        .trim()
      for (let i = 0; i < 20; i++) {
        const headers = { ':path': '/hello', [`x-${i % 7}`]: `${value}${i}`, 'user-agent': 'x' }
        expect((await ask(session, headers)).body).toBe('hello')
      }
    })
  })

  it('pings', async () => {
    await withSession(async (session) => {
      await ask(session, { ':path': '/hello' })
      const echoed = await new Promise((resolve) =>
        session.ping(Buffer.from('12345678'), (_, __, payload) => resolve(String(payload))),
      )
      expect(echoed).toBe('12345678')
    })
  })

  it('is let finish when the server leaves', async () => {
    await withSession(async (session, server) => {
      const stream = session.request({ ':path': '/echo', ':method': 'POST' })
      stream.write('abc')
      await ask(session, { ':path': '/hello' })
      const goaway = once(session, 'goaway')
      const closed = once(session, 'close')
      server.connections[0]?.close()
      await goaway
      let body = ''
      stream.on('data', (chunk) => {
        body += chunk
      })
      stream.end('def')
      await closed
      expect(body).toBe('abcdef')
    })
  })
})

/** A key and a certificate for it, which nobody has to trust. */
function selfSigned(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'http2-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const out = ['-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', '-x509', ...kind, ...out], { stdio: 'ignore' })
  const pair = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })
  return pair
}

describe.skipIf(isMissing('openssl'))('over TLS', () => {
  it('node:http2', async () => {
    await using server = await listening(selfSigned())
    const options = { rejectUnauthorized: false, maxSessionMemory: 100 }
    const session = connect(server.url, options)
    const sizes = [0, 10, 20_000, 3_000_000]
    const answers = await Promise.all(
      sizes.map((size) =>
        ask(session, { ':path': '/stream', ':method': 'POST' }, Buffer.alloc(size, 't')),
      ),
    )
    expect(answers.map(({ body }) => body.length)).toEqual(sizes)
    session.destroy()
  })

  it.skipIf(isMissing('curl'))('curl', async () => {
    await using server = await listening(selfSigned())
    const [text, code] = await run('curl', ['-sSk', '--http2', `${server.url}/big/300000`])
    expect([text.length, code]).toEqual([300_000, 0])
  })

  it.skipIf(isMissing('h2load'))('h2load', async () => {
    await using server = await listening(selfSigned())
    const [text] = await run('h2load', ['-n', '2000', '-c', '5', '-m', '20', `${server.url}/hello`])
    expect(text).toContain('2000 succeeded, 0 failed, 0 errored')
  })
})

/** What a program printed, and how it ended. */
async function run(program: string, args: readonly string[]): Promise<[string, number | null]> {
  const child = spawn(program, args)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk
    })
  }
  const [code] = await once(child, 'close')
  return [text, code]
}

describe('programs', () => {
  it.skipIf(isMissing('curl'))('curl', async () => {
    await using server = await listening()
    const form = ['-sS', '--http2-prior-knowledge', '-d', 'x'.repeat(100_000)]
    const [text, code] = await run('curl', [...form, `${server.url}/echo`])
    expect([text.length, code]).toEqual([100_000, 0])
  })

  it.skipIf(isMissing('nghttp'))('nghttp', async () => {
    await using server = await listening()
    const [text, code] = await run('nghttp', ['-v', `${server.url}/trailers`])
    expect(code).toBe(0)
    expect(text).toContain('checked: yes')
    expect(text).not.toMatch(/RST_STREAM|PROTOCOL_ERROR/)
  })

  it.skipIf(isMissing('h2load'))('h2load', async () => {
    await using server = await listening()
    const load = ['-n', '4000', '-c', '10', '-m', '50']
    const [text] = await run('h2load', [...load, `${server.url}/hello`])
    expect(text).toContain('4000 succeeded, 0 failed, 0 errored')
  })
})
