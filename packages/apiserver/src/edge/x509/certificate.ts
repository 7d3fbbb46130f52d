import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import type { Random } from '@miniplane/api'
import * as der from './der.js'

/** A certificate and its private key. */
export interface Credential {
  readonly certificatePem: string
  readonly privateKey: KeyObject
  readonly privateKeyPem: string
}

export interface CertificateRequest {
  readonly commonName: string
  /** Kubernetes reads a client's groups from here. */
  readonly organizations?: readonly string[]
  /** DNS names and IP addresses that a server answers to. */
  readonly names?: readonly string[]
  readonly usage: 'authority' | 'server' | 'client'
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const

/** Bits of KeyUsage (RFC 5280 §4.2.1.3), most significant first. */
const DIGITAL_SIGNATURE = 0x80
const CERT_AND_CRL_SIGN = 0x06

const signatureAlgorithm = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256))

/**
 * Issues an X.509 v3 certificate (RFC 5280) with a fresh P-256 key, signed by `issuer`, or by
 * itself without one. Written here because every library for it takes longer to load (a quarter of
 * a second) than the whole plane may take to start: docs/adr/0005-own-certificates.md.
 */
export function issueCertificate(
  request: CertificateRequest,
  random: Random,
  issuer?: { readonly commonName: string; readonly credential: Credential },
): Credential {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signingKey = issuer?.credential.privateKey ?? privateKey
  const certificatePem = certify(
    {
      ...request,
      subject: distinguishedName(request.commonName, request.organizations ?? []),
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      extensions: extensions(request, publicKey, createPublicKey(signingKey)),
    },
    random,
    { commonName: issuer?.commonName ?? request.commonName, privateKey: signingKey },
  )
  return {
    certificatePem,
    privateKey,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** What a certificate says; the parts that are bytes are in DER. */
export interface CertificateBody {
  readonly subject: Uint8Array
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly extensions: Uint8Array
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Signs with the issuer's P-256 key. Returns PEM. */
export function certify(
  { subject, publicKey, extensions, notBeforeMs, notAfterMs }: CertificateBody,
  random: Random,
  issuer: { readonly commonName: string; readonly privateKey: KeyObject },
): string {
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))), // version 3
    der.integer(random.bytes(16)),
    signatureAlgorithm,
    distinguishedName(issuer.commonName, []),
    der.sequence(der.time(notBeforeMs), der.time(notAfterMs)),
    subject,
    publicKey,
    der.explicit(3, extensions),
  )
  const signature = sign('sha256', toBeSigned, issuer.privateKey)
  const certificate = der.sequence(toBeSigned, signatureAlgorithm, der.bitString(signature))
  return pem('CERTIFICATE', certificate)
}

function distinguishedName(commonName: string, organizations: readonly string[]): Buffer {
  const attribute = (oid: string, text: string) =>
    der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(text)))
  return der.sequence(
    ...organizations.map((name) => attribute(OID.organization, name)),
    attribute(OID.commonName, commonName),
  )
}

function extensions(request: CertificateRequest, own: KeyObject, signer: KeyObject): Buffer {
  const isAuthority = request.usage === 'authority'
  const list = [
    extension(
      OID.basicConstraints,
      der.sequence(...(isAuthority ? [der.boolean(true)] : [])),
      true,
    ),
    extension(OID.keyUsage, keyUsage(isAuthority), true),
    extension(OID.subjectKeyIdentifier, der.octetString(keyIdentifier(own))),
    extension(OID.authorityKeyIdentifier, der.sequence(der.implicit(0, keyIdentifier(signer)))),
  ]
  if (!isAuthority) {
    const usage = request.usage === 'server' ? OID.serverAuth : OID.clientAuth
    list.push(extension(OID.extendedKeyUsage, der.sequence(der.objectIdentifier(usage))))
  }
  if (request.names !== undefined && request.names.length > 0) {
    list.push(extension(OID.subjectAltName, der.sequence(...request.names.map(generalName))))
  }
  return der.sequence(...list)
}

export const extension = (oid: string, contents: Buffer, isCritical = false): Buffer =>
  der.sequence(
    der.objectIdentifier(oid),
    ...(isCritical ? [der.boolean(true)] : []),
    der.octetString(contents),
  )

const keyUsage = (isAuthority: boolean): Buffer =>
  isAuthority
    ? der.bitString(Buffer.of(DIGITAL_SIGNATURE | CERT_AND_CRL_SIGN), 1)
    : der.bitString(Buffer.of(DIGITAL_SIGNATURE), 7)

function generalName(name: string): Buffer {
  if (isIPv4(name)) return der.implicit(7, Buffer.from(name.split('.').map(Number)))
  // Node's expression for IPv6 takes milliseconds to compile, and most starts can do without.
  if (name.includes(':') && isIPv6(name)) return der.implicit(7, ipv6Bytes(name))
  return der.implicit(2, Buffer.from(name, 'latin1'))
}

/** The 16 bytes of an address in the form that `isIPv6` takes, without an embedded IPv4 one. */
function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((hex) => parseInt(hex, 16))
  const before = groups(head)
  const after = address.includes('::') ? groups(tail) : []
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  const bytes = Buffer.alloc(16)
  for (const [i, group] of [...before, ...zeros, ...after].entries())
    bytes.writeUInt16BE(group, i * 2)
  return bytes
}

/** RFC 7093 §2 method 1: the leftmost 160 bits of the key's SHA-256. */
export const keyIdentifier = (key: KeyObject): Buffer =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20)

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
