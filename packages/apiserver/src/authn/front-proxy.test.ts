import { createHash, X509Certificate } from 'node:crypto'
import { seededRandom } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { issueCertificate } from '../edge/x509/certificate.js'
import { FrontProxyAuthenticator } from './front-proxy.js'

const validity = { notBeforeMs: 0, notAfterMs: 4e12 }
const [front, clients] = ['front', 'clients'].map((commonName, seed) => {
  const order = { commonName, usage: 'authority', ...validity } as const
  return issueCertificate(order, seededRandom(seed + 1)).certificatePem
}) as [string, string]
const fingerprint = (pem: string) =>
  createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')

const shown = (commonName: string, authority: string) => ({
  commonName,
  organizations: [],
  sha256: 'x',
  issuers: [fingerprint(authority)],
})
const proxies = {
  authorities: front,
  allowedNames: ['front-proxy-client'],
  usernameHeaders: ['X-Remote-User', 'X-Other-User'],
  uidHeaders: ['X-Remote-Uid'],
  groupHeaders: ['X-Remote-Group'],
  extraHeaderPrefixes: ['X-Remote-Extra-'],
}
const headers = {
  'x-other-user': 'alice',
  'x-remote-group': 'devs\na,b',
  'x-remote-extra-acme.com%2fscope': 'x\ny',
}

describe('a front proxy', () => {
  const authenticator = new FrontProxyAuthenticator(proxies)

  it('says who asks', () => {
    expect(authenticator.userOf(shown('front-proxy-client', front), headers)).toEqual({
      name: 'alice',
      groups: ['devs', 'a,b'],
      extra: { 'acme.com/scope': ['x', 'y'] },
    })
  })

  it.each([
    ['of another name', shown('somebody', front), headers],
    ['of an authority for users', shown('front-proxy-client', clients), headers],
    ['that names nobody', shown('front-proxy-client', front), { 'x-remote-group': 'devs' }],
  ])('%s does not', (_, certificate, said) => {
    expect(authenticator.userOf(certificate, said)).toBeUndefined()
  })

  it('is no user itself, unless its authority is also that of users', () => {
    expect(authenticator.isProxyOnly(shown('front-proxy-client', front))).toBe(true)
    expect(authenticator.isProxyOnly(shown('carol', clients))).toBe(false)
    const both = new FrontProxyAuthenticator({ ...proxies, clientAuthorities: front + clients })
    expect(both.isProxyOnly(shown('carol', front))).toBe(false)
  })
})
