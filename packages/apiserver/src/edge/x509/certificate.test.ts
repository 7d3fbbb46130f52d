import { X509Certificate } from 'node:crypto'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { systemRandom } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { type CertificateRequest, issueCertificate } from './certificate.js'

const DAY_MS = 86_400_000
const random = systemRandom()
const validity = {
  notBeforeMs: Date.UTC(2026, 0, 1),
  notAfterMs: Date.UTC(2026, 0, 1) + 365 * 40 * DAY_MS,
}
const authority = issueCertificate(
  { commonName: 'test-ca', usage: 'authority', ...validity },
  random,
)
const issue = (
  request: Pick<CertificateRequest, 'commonName' | 'usage'> & Partial<CertificateRequest>,
) =>
  issueCertificate({ ...validity, ...request }, random, {
    commonName: 'test-ca',
    credential: authority,
  })

describe('issueCertificate', () => {
  it('makes an authority that signs itself and others', () => {
    const ca = new X509Certificate(authority.certificatePem)
    expect(ca.ca).toBe(true)
    expect(ca.verify(ca.publicKey)).toBe(true)
    const leaf = new X509Certificate(issue({ commonName: 'x', usage: 'server' }).certificatePem)
    expect(leaf.ca).toBe(false)
    expect(leaf.verify(ca.publicKey)).toBe(true)
    expect(leaf.checkIssued(ca)).toBe(true)
  })

  it('answers to the names it was issued for, and no others', () => {
    const names = ['localhost', 'kubernetes.default.svc', '127.0.0.1', '::1', 'fd00::10:a']
    const leaf = new X509Certificate(
      issue({ commonName: 'kube-apiserver', usage: 'server', names }).certificatePem,
    )
    expect(leaf.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc')
    expect(leaf.checkHost('elsewhere')).toBeUndefined()
    for (const address of ['127.0.0.1', '::1', 'fd00::10:a']) {
      expect(leaf.checkIP(address)).toBe(address)
    }
    expect(leaf.checkIP('10.0.0.1')).toBeUndefined()
  })

  it('carries user and groups, and times beyond 2049', () => {
    const leaf = new X509Certificate(
      issue({ commonName: 'alice', organizations: ['devs', 'ops'], usage: 'client' })
        .certificatePem,
    )
    expect(leaf.subject).toBe('O=devs\nO=ops\nCN=alice')
    expect(new Date(leaf.validTo).getUTCFullYear()).toBe(2065)
    expect(new Date(leaf.validFrom).getTime()).toBe(validity.notBeforeMs)
  })

  it('is good enough for a mutual TLS handshake', async () => {
    const serving = issue({ commonName: 'server', usage: 'server', names: ['127.0.0.1'] })
    const client = issue({ commonName: 'alice', organizations: ['devs'], usage: 'client' })
    const server = https.createServer(
      {
        cert: serving.certificatePem,
        key: serving.privateKeyPem,
        ca: authority.certificatePem,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate()
        response.end(`${subject.CN} of ${subject.O}`)
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const answer = await new Promise<string>((resolve, reject) => {
      https
        .get(
          {
            host: '127.0.0.1',
            port: (server.address() as AddressInfo).port,
            ca: authority.certificatePem,
            cert: client.certificatePem,
            key: client.privateKeyPem,
            agent: false,
          },
          (response) => response.on('data', (chunk: Buffer) => resolve(chunk.toString())),
        )
        .on('error', reject)
    })
    server.close()
    expect(answer).toBe('alice of devs')
  })
})
