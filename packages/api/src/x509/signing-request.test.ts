import { expect, test } from 'vitest'
import { DerError } from './der-reader.js'
import { parseSigningRequest } from './signing-request.js'

// openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj '/O=system:nodes/O=two/CN=system:node:n1'
//   -addext 'subjectAltName=DNS:n1,IP:10.0.0.7,IP:fd00::1,email:a@b.c,URI:spiffe://x'
const MADE_BY_OPENSSL = `-----BEGIN CERTIFICATE REQUEST-----
MIIBRTCB6wIBADA+MRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxDDAKBgNVBAoMA3R3
bzEXMBUGA1UEAwwOc3lzdGVtOm5vZGU6bjEwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAATmyLpW5X8BuSiZfyiWlxJ/9OFeKUVRV//y7SODQKpvCJxy2KBQqf7BYaL9
nukYX/i4019k/88zV/j4B4f3MRNroEswSQYJKoZIhvcNAQkOMTwwOjA4BgNVHREE
MTAvggJuMYcECgAAB4cQ/QAAAAAAAAAAAAAAAAAAAYEFYUBiLmOGCnNwaWZmZTov
L3gwCgYIKoZIzj0EAwIDSQAwRgIhAJULU32qAL3yiAezOUYL7wnA9svJerzPK9gQ
/6gJz84nAiEA9U2Cp1DQNE2//mofpJIncYKtBYLwNmSX2+BTGwLwy4I=
-----END CERTIFICATE REQUEST-----
`

test('a request says who wants to be certified', () => {
  expect(parseSigningRequest(MADE_BY_OPENSSL)).toMatchObject({
    commonName: 'system:node:n1',
    organizations: ['system:nodes', 'two'],
    dnsNames: ['n1'],
    ipAddresses: ['10.0.0.7', 'fd00:0:0:0:0:0:0:1'],
    emailAddresses: ['a@b.c'],
    uris: ['spiffe://x'],
  })
})

// openssl req -new …, with string_mask=MASK:0x800 and the subject O=system:masters, CN=boss
const IN_UTF_16 = `-----BEGIN CERTIFICATE REQUEST-----
MIH2MIGcAgEAMDoxJTAjBgNVBAoeHABzAHkAcwB0AGUAbQA6AG0AYQBzAHQAZQBy
AHMxETAPBgNVBAMeCABiAG8AcwBzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
NQSvruRJf3zfNSm5fkfNQybZS5WSfzvbMpgt65MVy4gMu6xXfKTwpSmAsdevAqWm
zQL/FkCF6JjZm1vdhnrBBqAAMAoGCCqGSM49BAMCA0kAMEYCIQD7TnuQJ/kxs2+q
4WTTuxYJELzH5aGleIs9rZi8NMz0ZwIhAIGVuCbcGctvgSsFQM3uGKBrJy7FuOC7
ouTfko2W3AWP
-----END CERTIFICATE REQUEST-----
`

test('a name is the same in whatever characters it is written', () => {
  expect(parseSigningRequest(IN_UTF_16)).toMatchObject({
    commonName: 'boss',
    organizations: ['system:masters'],
  })
})

/** The request with the tag of its first text changed. */
const withTag = (tag: number): string => {
  const bytes = Buffer.from(IN_UTF_16.replaceAll(/-----[^-]+-----/g, ''), 'base64')
  bytes[bytes.indexOf('1e1c', 0, 'hex')] = tag
  return `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
}

test.each([
  ['another block', MADE_BY_OPENSSL.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')],
  ['nothing at all', ''],
  ['half of it', MADE_BY_OPENSSL.replace(/nukYX[^-]*/, '\n')],
  ['a name in pieces, which OpenSSL puts together', withTag(0x2c)],
  ['a name in UTF-32', withTag(0x1c)],
  ['something else in base64', MADE_BY_OPENSSL.replace(/MIIB[^-]*/, 'aGVsbG8gd29ybGQ=\n')],
])('refuses %s', (_, pem) => {
  expect(() => parseSigningRequest(pem)).toThrow(DerError)
})
