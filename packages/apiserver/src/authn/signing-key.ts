import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'

export interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
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
  await keeper?.save(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
  return signingKey(privateKey)
}

export async function keptKey(keeper: KeyKeeper): Promise<SigningKey | undefined> {
  const pem = await keeper.load()
  return pem === undefined ? undefined : signingKey(createPrivateKey(pem))
}

function signingKey(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey)
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return { id: createHash('sha256').update(der).digest('base64url'), privateKey, publicKey }
}
