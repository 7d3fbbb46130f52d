import { createPublicKey } from 'node:crypto'
import { parseSigningRequest, type Random } from '@miniplane/api'
import { type Credential, certify, extension, keyIdentifier, OID } from './certificate.js'
import * as der from './der.js'
import { proofFault } from './proof.js'

/** A request that somebody has approved, and what its certificate is to be good for. */
export interface SigningOrder {
  /** PEM of a PKCS #10 request. */
  readonly requestPem: string
  /** As in a CertificateSigningRequest: `digital signature`, `client auth`, … */
  readonly usages: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Bits of KeyUsage (RFC 5280 §4.2.1.3), the first being the most significant. */
const KEY_USAGES = [
  ['signing', 'digital signature'],
  ['content commitment'],
  ['key encipherment'],
  ['data encipherment'],
  ['key agreement'],
  ['cert sign'],
  ['crl sign'],
  ['encipher only'],
]

/** RFC 5280 §4.2.1.12 and its registry. */
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': OID.serverAuth,
  'client auth': OID.clientAuth,
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
}

/**
 * Certifies what the request says of its subject and key, for the usages of the order alone. Who
 * may have that is for others to say. Throws a `DerError` when there is no request.
 */
export function signRequest(
  { requestPem, usages, notBeforeMs, notAfterMs }: SigningOrder,
  random: Random,
  authority: { readonly commonName: string; readonly credential: Credential },
): string {
  const request = parseSigningRequest(requestPem)
  const fault = proofFault(request)
  if (fault !== undefined)
    throw new Error(`unable to verify certificate request signature: ${fault}`)
  const { subject, publicKey, subjectAltName } = request
  const { privateKey } = authority.credential
  const signer = keyIdentifier(createPublicKey(privateKey))
  const extended = [...new Set(usages.map((usage) => EXTENDED_KEY_USAGES[usage]))]
    .filter((oid) => oid !== undefined)
    .map(der.objectIdentifier)
  const extensions = der.sequence(
    ...keyUsage(usages),
    ...(extended.length > 0 ? [extension(OID.extendedKeyUsage, der.sequence(...extended))] : []),
    extension(OID.basicConstraints, der.sequence(), true),
    extension(OID.authorityKeyIdentifier, der.sequence(der.implicit(0, signer))),
    ...(subjectAltName ? [extension(OID.subjectAltName, Buffer.from(subjectAltName))] : []),
  )
  const issuer = { commonName: authority.commonName, privateKey }
  return certify({ subject, publicKey, extensions, notBeforeMs, notAfterMs }, random, issuer)
}

/** None of them: the certificate says nothing of it. */
function keyUsage(usages: readonly string[]): Buffer[] {
  let bits = 0
  for (const [i, names] of KEY_USAGES.entries())
    if (names.some((name) => usages.includes(name))) bits |= 0x80 >> i
  if (bits === 0) return []
  return [extension(OID.keyUsage, der.bitString(Buffer.of(bits), Math.log2(bits & -bits)), true)]
}
