import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'
import { systemRandom } from '@miniplane/api'
import { expect, it } from 'vitest'
import { issueCertificate } from './certificate.js'
import * as der from './der.js'
import { signRequest } from './sign-request.js'

const random = systemRandom()
const validity = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2027, 0, 1) }
const ca = { commonName: 'test-ca', usage: 'authority' as const, ...validity }
const authority = { commonName: 'test-ca', credential: issueCertificate(ca, random) }

interface Way {
  readonly oid: string
  readonly hash: string | null
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

const WAYS: Readonly<Record<string, Way>> = {
  'P-256': {
    oid: '1.2.840.10045.4.3.2',
    hash: 'sha256',
    keys: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  },
  'P-384': {
    oid: '1.2.840.10045.4.3.3',
    hash: 'sha384',
    keys: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  },
  RSA: {
    oid: '1.2.840.113549.1.1.11',
    hash: 'sha256',
    keys: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  },
  Ed25519: { oid: '1.3.101.112', hash: null, keys: generateKeyPairSync('ed25519') },
}

/** A request (RFC 2986) for alice's key, signed with `signer`'s. */
function requestFor({ oid, hash, keys }: Way, signer: KeyObject = keys.privateKey): string {
  const name = der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8String('alice'))
  const info = der.sequence(
    der.integer(Buffer.of(0)),
    der.sequence(der.set(name)),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(0, Buffer.alloc(0)),
  )
  const algorithm = der.sequence(der.objectIdentifier(oid))
  const request = der.sequence(info, algorithm, der.bitString(sign(hash, info, signer)))
  const text = request.toString('base64')
  return `-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----\n`
}

const signed = (requestPem: string) =>
  signRequest({ requestPem, usages: ['client auth'], ...validity }, random, authority)

it.each(Object.entries(WAYS))('certifies a key of %s for who has it', (_, way) => {
  const certificate = new X509Certificate(signed(requestFor(way)))
  expect(certificate.subject).toBe('CN=alice')
  expect(certificate.checkPrivateKey(way.keys.privateKey)).toBe(true)
})

it('does not certify a key for somebody who only knows it', () => {
  const way = WAYS['P-256'] as Way
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(() => signed(requestFor(way, privateKey))).toThrow(
    'unable to verify certificate request signature: the signature is wrong',
  )
})

it('does not take the word of a signature that it can not check', () => {
  const way = { ...(WAYS.RSA as Way), oid: '1.2.840.113549.1.1.4', hash: 'md5' }
  expect(() => signed(requestFor(way))).toThrow('algorithm unimplemented')
})
