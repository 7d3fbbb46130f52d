import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'

/** A key that tokens can be verified with. */
export interface VerifyingKey {
  readonly id: string
  /** RFC 7518 §3.1. */
  readonly algorithm: string
  readonly publicKey: KeyObject
}

export interface SigningKey extends VerifyingKey {
  readonly privateKey: KeyObject
}

/** RFC 7517 §4 and RFC 7518 §6, in the order in which Kubernetes writes it. */
export interface JsonWebKey {
  readonly use: 'sig'
  readonly kty: string
  readonly kid: string
  readonly crv?: string
  readonly alg: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
}

/** Where the key of tokens outlives the server: PEM of an RSA key. */
export interface KeyKeeper {
  load(): Promise<string | undefined>
  save(pem: string): Promise<void>
}

const MODULUS_BITS = 2048

/** The kept key, or a new one, which is kept. */
export async function madeKey(keeper: KeyKeeper | undefined): Promise<SigningKey> {
  const kept = keeper && (await keptKey(keeper))
  if (kept) return kept
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS })
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  await keeper?.save(pem)
  return signingKeyOf(pem)
}

export async function keptKey(keeper: KeyKeeper): Promise<SigningKey | undefined> {
  const pem = await keeper.load()
  return pem === undefined ? undefined : signingKeyOf(pem)
}

/** Throws for what is no private key of RSA or of an elliptic curve. */
export function signingKeyOf(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem)
  return { ...verifyingKey(createPublicKey(privateKey)), privateKey }
}

const BLOCK = /-----BEGIN ([^-]+)-----[\s\S]*?-----END \1-----/g

/** All keys of a text: public ones, or those that belong to private ones or certificates. */
export function verifyingKeysOf(pem: string): VerifyingKey[] {
  const blocks = [...pem.matchAll(BLOCK)].filter(([, label]) => label !== 'EC PARAMETERS')
  if (blocks.length === 0)
    throw new Error('data does not contain any valid RSA or ECDSA public keys')
  return blocks.map(([block]) => verifyingKey(createPublicKey(block)))
}

function verifyingKey(publicKey: KeyObject): VerifyingKey {
  const der = publicKey.export({ format: 'der', type: 'spki' })
  const id = createHash('sha256').update(der).digest('base64url')
  return { id, algorithm: algorithmOf(publicKey), publicKey }
}

const OF_CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return 'RS256'
  const algorithm = OF_CURVES[asymmetricKeyDetails?.namedCurve ?? '']
  if (!algorithm) throw new Error('a key of tokens must be of RSA, or of P-256, P-384 or P-521')
  return algorithm
}

export function webKeyOf({ id: kid, algorithm: alg, publicKey }: VerifyingKey): JsonWebKey {
  const { kty = '', crv, x, y, n, e } = publicKey.export({ format: 'jwk' })
  if (kty === 'EC') return { use: 'sig', kty, kid, crv: crv ?? '', alg, x: x ?? '', y: y ?? '' }
  return { use: 'sig', kty, kid, alg, n: n ?? '', e: e ?? '' }
}
