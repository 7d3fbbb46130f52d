import { systemRandom } from '@miniplane/api'
import { expect, it } from 'vitest'
import { issueCertificate } from '../../edge/x509/certificate.js'
import { requestFor, WAYS } from '../../edge/x509/request.fixture.js'
import { certificateFault, requestFault } from './request-faults.js'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const pem = (type: string, bytes: Uint8Array | string, headers = '') =>
  base64(
    `-----BEGIN ${type}-----\n${headers}${Buffer.from(bytes).toString('base64')}\n-----END ${type}-----\n`,
  )
const der = Buffer.from(requestFor(WAYS['P-256']).split('\n')[1] ?? '', 'base64')

it.each(Object.entries(WAYS))('a request with a key of %s is one', (_, way) => {
  expect(requestFault(base64(requestFor(way)))).toBeUndefined()
})

it.each<[string, string | undefined, string]>([
  ['nothing', '', 'PEM block type must be CERTIFICATE REQUEST'],
  ['no bytes', pem('CERTIFICATE REQUEST', ''), 'asn1: syntax error: sequence truncated'],
  ['one byte', pem('CERTIFICATE REQUEST', '0'), 'asn1: syntax error: truncated tag or length'],
  [
    'half of one',
    pem('CERTIFICATE REQUEST', der.subarray(0, 40)),
    'asn1: syntax error: data truncated',
  ],
  [
    'more than one',
    pem('CERTIFICATE REQUEST', Buffer.concat([der, der])),
    'asn1: syntax error: trailing data',
  ],
  [
    "somebody else's key",
    base64(requestFor(WAYS['P-384'], WAYS['P-256'].keys.privateKey)),
    'x509: ECDSA verification failure',
  ],
])('a request of %s', (_, text, fault) => {
  expect(requestFault(text ?? '')).toBe(fault)
})

it('a text that is something else is told as the real decoder does', () => {
  expect(requestFault(pem('CERTIFICATE REQUEST', 'test'))).toMatch(
    /^asn1: structure error: tags don't match \(16 vs \{class:1 tag:20 length:101 isCompound:true\}\) .* certificateRequest @2$/,
  )
})

const validity = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2027, 0, 1) }
const { certificatePem } = issueCertificate(
  { commonName: 'c', usage: 'authority', ...validity },
  systemRandom(),
)

it.each<[string, string, string | undefined]>([
  ['nothing', '', undefined],
  ['a certificate', base64(certificatePem), undefined],
  ['text', base64('x'), 'must contain at least one CERTIFICATE PEM block'],
  ['a key', pem('KEY', 'x'), 'only CERTIFICATE PEM blocks are allowed, found "KEY"'],
  [
    'a block with a header',
    pem('CERTIFICATE', 'x', 'a: b\n\n'),
    'no PEM block headers are permitted',
  ],
  ['no certificate in its block', pem('CERTIFICATE', 'xyz'), 'x509: malformed certificate'],
])('a chain of %s', (_, text, fault) => {
  expect(certificateFault(text)).toBe(fault)
})
