import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { systemRandom } from '@miniplane/api'
import { expect, it } from 'vitest'
import { issueCertificate } from './certificate.js'
import { requestFor, WAYS } from './request.fixture.js'
import { signRequest } from './sign-request.js'

const random = systemRandom()
const validity = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2027, 0, 1) }
const ca = { commonName: 'test-ca', usage: 'authority' as const, ...validity }
const authority = { commonName: 'test-ca', credential: issueCertificate(ca, random) }

const signed = (requestPem: string) =>
  signRequest({ requestPem, usages: ['client auth'], ...validity }, random, authority)

it.each(Object.entries(WAYS))('certifies a key of %s for who has it', (_, way) => {
  const certificate = new X509Certificate(signed(requestFor(way)))
  expect(certificate.subject).toBe('CN=alice')
  expect(certificate.checkPrivateKey(way.keys.privateKey)).toBe(true)
})

it('does not certify a key for somebody who only knows it', () => {
  const way = WAYS['P-256']
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(() => signed(requestFor(way, privateKey))).toThrow(
    'unable to verify certificate request signature: x509: ECDSA verification failure',
  )
})

it('does not take the word of a signature that it can not check', () => {
  const way = { ...WAYS.RSA, oid: '1.2.840.113549.1.1.4', hash: 'md5' }
  expect(() => signed(requestFor(way))).toThrow('algorithm unimplemented')
})
