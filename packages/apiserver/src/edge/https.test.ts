import type http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { systemClock, systemRandom } from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiServer } from '../server.js'
import { startEdge } from './edge.fixture.js'
import { type HttpsEdge, listenHttps } from './https.js'
import { issueCertificate } from './x509/certificate.js'

let edge: HttpsEdge
let close: () => Promise<void>

beforeAll(async () => {
  ;({ edge, close } = await startEdge())
})
afterAll(() => close())

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
}

function open(
  method: string,
  path: string,
  options: https.RequestOptions & { body?: string } = {},
): Promise<http.IncomingMessage> {
  const { body, headers, ...rest } = options
  return new Promise((resolve, reject) => {
    const request = https.request(
      edge.server + path,
      {
        method,
        ca: edge.certificateAuthority,
        agent: false,
        headers: { authorization: 'Bearer admin', ...headers },
        ...rest,
      },
      resolve,
    )
    request.on('error', reject)
    request.end(body)
  })
}

async function ask(...parameters: Parameters<typeof open>): Promise<Answer> {
  const incoming = await open(...parameters)
  let text = ''
  for await (const chunk of incoming) text += chunk
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text }
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

describe('the HTTPS edge', () => {
  it('is known by the authority it names, and answers in JSON and YAML', async () => {
    const created = await ask('POST', CONFIG_MAPS, {
      body: '{"metadata":{"name":"a"},"data":{"k":"v"}}',
    })
    expect(created.status).toBe(201)
    expect(created.headers).toMatchObject({
      'content-type': 'application/json',
      'audit-id': expect.any(String),
    })
    const yaml = await ask('GET', `${CONFIG_MAPS}/a`, { headers: { accept: 'application/yaml' } })
    expect(yaml.text).toContain('data:\n  k: v\nkind: ConfigMap\n')
  })

  it('refuses who shows a certificate of somebody else, unless he has a token', async () => {
    const { privateKeyPem: key, certificatePem: cert } = issueCertificate(
      { commonName: 'carol', usage: 'client', notBeforeMs: 0, notAfterMs: 4e12 },
      systemRandom(),
    )
    const statusWith = async (authorization: string) =>
      (await ask('GET', '/version', { key, cert, headers: { authorization } })).status
    expect(await statusWith('')).toBe(401)
    expect(await statusWith('Bearer admin')).toBe(200)
  })

  it('takes client certificates that it issued, and their groups', async () => {
    const { certificatePem, privateKeyPem } = edge.issueClientCertificate('carol', [
      'system:masters',
    ])
    const answer = await ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: '{}',
      headers: { authorization: '' },
      cert: certificatePem,
      key: privateKeyPem,
    })
    expect(JSON.parse(answer.text).status.userInfo).toEqual({
      username: 'carol',
      groups: ['system:masters', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [
          expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/),
        ],
      },
    })
  })

  it('streams events as they happen and ends the stream in time', async () => {
    const incoming = await open(
      'GET',
      `${CONFIG_MAPS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dw`,
    )
    await ask('POST', CONFIG_MAPS, { body: '{"metadata":{"name":"w"}}' })
    let text = ''
    for await (const chunk of incoming) text += chunk
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual(['ADDED'])
  })

  it('refuses a body over 3 MiB without reading it all', async () => {
    const body = JSON.stringify({ metadata: { name: 'big' }, data: { k: 'x'.repeat(3_200_000) } })
    const answer = await ask('POST', CONFIG_MAPS, { body })
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 413,
      message: 'Request entity too large: limit is 3145728',
    })
  })

  it('answers what is no HTTP with 400 and hangs up', async () => {
    const socket = tls.connect({
      port: edge.port,
      host: edge.host,
      ca: edge.certificateAuthority,
      servername: 'localhost',
    })
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.write('this is not HTTP\r\n\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  })

  it.each(['null', '{}', '{"actor":"a","triggers":[null,1]}', 'no JSON', '['.repeat(9_000)])(
    'passes over a cause that is none: %.40s',
    async (cause) => {
      const answer = await ask('GET', `${CONFIG_MAPS}/nobody`, {
        headers: { 'miniplane-cause': cause },
      })
      expect(answer.status).toBe(404)
    },
  )

  it('warns in any language', async () => {
    const body = '{"metadata":{"name":"warned"},"\u540d\u524d":"x"}'
    const { status, headers } = await ask('POST', CONFIG_MAPS, { body })
    const warning = Buffer.from(String(headers.warning), 'latin1').toString()
    expect([status, warning]).toEqual([201, '299 - "unknown field \\"名前\\""'])
  })

  it('counts what is not served without its name, so that nobody can fill the memory', async () => {
    await ask('GET', '/apis/made.up/v1/inventions', { headers: { authorization: '' } })
    const { text } = await ask('GET', '/metrics')
    expect(text).toContain('apiserver_request_total{')
    expect(text).not.toContain('inventions')
  })

  it('says on a HEAD what a GET would, without the body', async () => {
    expect(await ask('HEAD', '/readyz')).toMatchObject({ status: 200, text: '' })
    expect(await ask('HEAD', `${CONFIG_MAPS}/a`)).toMatchObject({ status: 405, text: '' })
  })
})

it('closes though somebody has connected and says nothing', async () => {
  await using store = openEmbeddedStore({ clock: systemClock })
  const server = createApiServer({
    store: store.client,
    clock: systemClock,
    random: systemRandom(),
  })
  const other = await listenHttps(server)
  const socket = net.connect(other.port, other.host)
  const cut = new Promise((resolve) => socket.once('close', resolve))
  await new Promise((resolve) => socket.once('connect', resolve))
  // The server has accepted when it answers another one.
  await new Promise((resolve) => {
    const asked = { port: other.port, host: other.host, rejectUnauthorized: false }
    const second = tls.connect(asked, () => second.end())
    second.once('close', resolve).resume()
  })
  await other.close()
  await cut
  await server.close()
})
