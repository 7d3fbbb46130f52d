import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import * as der from './der.js'

export interface Way {
  readonly oid: string
  readonly hash: string | null
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

/** The kinds of keys that people ask with. */
export const WAYS: Readonly<Record<'P-256' | 'P-384' | 'RSA' | 'Ed25519', Way>> = {
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
export function requestFor({ oid, hash, keys }: Way, signer: KeyObject = keys.privateKey): string {
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
