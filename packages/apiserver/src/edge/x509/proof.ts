import { createPublicKey, verify } from 'node:crypto'
import type { SigningRequest } from '@miniplane/api'

interface Algorithm {
  readonly key: 'RSA' | 'ECDSA' | 'Ed25519'
  readonly hash: string | null
}

/** Of signatures (RFC 5758, RFC 4055, RFC 8410), by their identifiers; a request may use SHA-1. */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['1.2.840.10045.4.1', { key: 'ECDSA', hash: 'sha1' }],
  ['1.2.840.10045.4.3.2', { key: 'ECDSA', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { key: 'ECDSA', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { key: 'ECDSA', hash: 'sha512' }],
  ['1.2.840.113549.1.1.5', { key: 'RSA', hash: 'sha1' }],
  ['1.2.840.113549.1.1.11', { key: 'RSA', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { key: 'RSA', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { key: 'RSA', hash: 'sha512' }],
  ['1.3.101.112', { key: 'Ed25519', hash: null }],
])

const KEYS = {
  rsa: { name: 'RSA', type: '*rsa.PublicKey', fault: 'crypto/rsa: verification error' },
  ec: { name: 'ECDSA', type: '*ecdsa.PublicKey', fault: 'x509: ECDSA verification failure' },
  ed25519: {
    name: 'Ed25519',
    type: 'ed25519.PublicKey',
    fault: 'x509: Ed25519 verification failure',
  },
} as const

const UNIMPLEMENTED = 'x509: cannot verify signature: algorithm unimplemented'

/**
 * Who asks must have the key, or a certificate could be had for somebody else's. Says in the real
 * server's words why the proof of it is none; undefined when it is good.
 */
export function proofFault({ publicKey, proof }: SigningRequest): string | undefined {
  const algorithm = ALGORITHMS.get(proof.algorithm)
  if (!algorithm) return UNIMPLEMENTED
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  const kind = KEYS[key.asymmetricKeyType as keyof typeof KEYS]
  if (!kind) return UNIMPLEMENTED
  if (kind.name !== algorithm.key) {
    return `x509: signature algorithm specifies an ${algorithm.key} public key, but have public key of type ${kind.type}`
  }
  return verify(algorithm.hash, proof.signed, key, proof.signature) ? undefined : kind.fault
}
