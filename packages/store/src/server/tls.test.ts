import { readFileSync } from 'node:fs'
import https from 'node:https'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectStore } from '../client/grpc/index.js'
import { openTestEtcd } from './etcd.fixture.js'
import type { EtcdConfig } from './index.js'
import { createPki, type Pki } from './pki.fixture.js'
import { systemClock } from './system-clock.js'
import type { CredentialFiles } from './tls/credentials.js'

let pki: Pki
let server: CredentialFiles
let client: CredentialFiles
beforeAll(async () => {
  pki = await createPki()
  server = await pki.issue('server', 'server')
  client = await pki.issue('client', 'root')
})
afterAll(() => pki[Symbol.dispose]())

const ANY = 'https://127.0.0.1:0'

const secure = (more: EtcdConfig = {}): EtcdConfig => ({
  'listen-client-urls': [ANY],
  'advertise-client-urls': [ANY],
  'cert-file': server.cert,
  'key-file': server.key,
  ...more,
})

/** The status of /health, or the code with which it was refused. */
function health(url: string, as?: CredentialFiles): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const certificate = as && { cert: readFileSync(as.cert), key: readFileSync(as.key) }
    const options = { ca: readFileSync(pki.ca), agent: false as const, ...certificate }
    const request = https.get(`${url}/health`, options, (response) => {
      resolve(response.resume().statusCode)
    })
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
}

/** Shakes hands and goes. */
async function peerOf(
  url: string,
  options: object = {},
): Promise<Partial<TLSSocket> & { name: string }> {
  const { port } = new URL(url)
  const socket = connect({
    port: Number(port),
    host: '127.0.0.1',
    ca: readFileSync(pki.ca),
    ...options,
  })
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  const name = String(socket.getPeerCertificate().subject?.CN)
  socket.destroy()
  return { name, alpnProtocol: socket.alpnProtocol }
}

describe('TLS for clients', () => {
  it('gRPC gets HTTP/2, and who can do both HTTP/1.1', async () => {
    await using test = await openTestEtcd(secure())
    expect(test.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(await health(test.url)).toBe(200)
    const protocolFor = async (ALPNProtocols: string[]) =>
      (await peerOf(test.url, { ALPNProtocols })).alpnProtocol
    expect(await protocolFor(['h2'])).toBe('h2')
    expect(await protocolFor(['h2', 'http/1.1'])).toBe('http/1.1')
  })

  it('without a certificate an https URL is refused', async () => {
    await expect(openTestEtcd(secure({ 'cert-file': '', 'key-file': '' }))).rejects.toThrow(
      'TLS key/cert (--cert-file, --key-file) must be provided for client url https://127.0.0.1:0',
    )
  })

  it('files that do not belong together are refused', async () => {
    await expect(openTestEtcd(secure({ 'key-file': client.key }))).rejects.toThrow(
      "can't be used together",
    )
  })

  it('a certificate that was renewed is used from the next connection on', async () => {
    const files = await pki.issue('renewed', 'old')
    const config = { 'cert-file': files.cert, 'key-file': files.key }
    await using test = await openTestEtcd(secure(config))
    expect((await peerOf(test.url)).name).toBe('old')
    await pki.issue('renewed', 'new')
    expect((await peerOf(test.url)).name).toBe('new')
  })

  it('one port can have both http and https', async () => {
    await using first = await openTestEtcd()
    const { port } = new URL(first.url)
    await first.etcd.close()
    await using test = await openTestEtcd(
      secure({ 'listen-client-urls': [`http://127.0.0.1:${port}`, `https://127.0.0.1:${port}`] }),
    )
    expect(await health(`https://127.0.0.1:${port}`)).toBe(200)
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    expect(test.etcd.clientUrls).toHaveLength(2)
  })

  it('makes its own certificate when told to', async () => {
    const own = { 'cert-file': '', 'key-file': '', 'auto-tls': true }
    await using test = await openTestEtcd(secure(own))
    const path = join(test.folder, 'data/fixtures/client/cert.pem')
    expect(await peerOf(test.url, { ca: readFileSync(path) })).toBeDefined()
  })

  it('speaks no version that is too old', async () => {
    await using test = await openTestEtcd(secure({ 'tls-min-version': 'TLS1.3' }))
    await expect(peerOf(test.url, { maxVersion: 'TLSv1.2' })).rejects.toThrow()
    expect(await peerOf(test.url, { minVersion: 'TLSv1.3' })).toBeDefined()
  })
})

describe('mutual TLS', () => {
  const mutual = (more: EtcdConfig = {}) =>
    secure({ 'client-cert-auth': true, 'trusted-ca-file': pki.ca, ...more })

  it('who has no certificate of the authority is turned away', async () => {
    using other = await createPki()
    const stranger = await other.issue('stranger', 'root')
    await using test = await openTestEtcd(mutual())
    expect(await health(test.url, client)).toBe(200)
    expect(await health(test.url)).not.toBe(200)
    expect(await health(test.url, stranger)).not.toBe(200)
  })

  it('a certificate for another host is no use, if hosts are named', async () => {
    await using open = await openTestEtcd(mutual({ 'client-cert-allowed-hostname': 'localhost' }))
    expect(await health(open.url, client)).toBe(200)
    await using shut = await openTestEtcd(mutual({ 'client-cert-allowed-hostname': 'other.host' }))
    expect(await health(shut.url, client)).not.toBe(200)
  })

  it('a revoked certificate is turned away, also when the list changes', async () => {
    const { X509Certificate } = await import('node:crypto')
    const { serialNumber } = new X509Certificate(readFileSync(client.cert))
    const crl = await pki.revoke(['0123'])
    await using test = await openTestEtcd(mutual({ 'client-crl-file': crl }))
    expect(await health(test.url, client)).toBe(200)
    await pki.revoke(['0123', serialNumber])
    expect(await health(test.url, client)).not.toBe(200)
  })

  it('the common name is the user, for whom rights count', async () => {
    await using test = await openTestEtcd(mutual())
    const { auth } = test.etcd.member.server
    const bob = { name: 'bob', password: '', hashedPassword: '', noPassword: true }
    await auth.userAdd({ ...bob, name: 'root' }, {})
    await auth.userGrantRole('root', 'root', {})
    await auth.userAdd(bob, {})
    await auth.roleAdd('own', {})
    const key = { key: 'k', rangeEnd: 'l' }
    await auth.roleGrantPermission('own', { permType: 'readwrite', ...key }, {})
    await auth.userGrantRole('bob', 'own', {})
    await auth.enable({})
    const putAs = async (files: CredentialFiles, name: string) => {
      const { cert, key } = files
      const tls = { ca: readFileSync(pki.ca), cert: readFileSync(cert), key: readFileSync(key) }
      await using store = connectStore({ endpoints: [test.url], clock: systemClock, tls })
      await store.client.put(name, Buffer.from('v'))
    }
    const bobs = await pki.issue('bob', 'bob')
    await putAs(bobs, 'k1')
    await putAs(client, 'z')
    await expect(putAs(bobs, 'z')).rejects.toMatchObject({ code: 'PermissionDenied' })
  })

  it('peers need the right common name', async () => {
    await using test = await openTestEtcd({
      'listen-peer-urls': [ANY],
      'initial-advertise-peer-urls': [ANY],
      'initial-cluster': `default=${ANY}`,
      'peer-cert-file': server.cert,
      'peer-key-file': server.key,
      'peer-trusted-ca-file': pki.ca,
      'peer-cert-allowed-cn': 'server,member',
    })
    const url = test.etcd.peerUrls[0] as string
    expect(await health(url, server)).toBe(404)
    expect(await health(url, client)).not.toBe(404)
  })
})
