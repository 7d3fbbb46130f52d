import { constants, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'
import type { Clock } from '../clock.js'
import { StoreError } from '../errors.js'
import type { TokenBearer, TokenProvider } from './tokens.js'

/** Source: RFC 7518, section 3.1; RFC 8037. */
export const signMethods = [
  ...['RS', 'PS', 'ES', 'HS'].flatMap((family) =>
    ['256', '384', '512'].map((bits) => `${family}${bits}`),
  ),
  'EdDSA',
] as const

export interface JwtTokensOptions {
  readonly clock: Clock
  /** One of `signMethods`. */
  readonly method: string
  /** What tokens are verified with; of HS… it is the secret. */
  readonly verifyKey: KeyObject
  /** Undefined: tokens come from elsewhere. */
  readonly signKey: KeyObject | undefined
  readonly ttlMs: number
}

interface Claims {
  readonly username: string
  readonly revision: number
  /** Seconds since the epoch. */
  readonly exp: number
}

/**
 * Signed tokens: they say by themselves whose they are and under which permissions they were
 * issued, so no member keeps any. Source: RFC 7519; etcd, auth/jwt.go.
 */
export class JwtTokens implements TokenProvider {
  readonly #options: JwtTokensOptions
  readonly #head: string

  constructor(options: JwtTokensOptions) {
    this.#options = options
    this.#head = encode({ alg: options.method, typ: 'JWT' })
  }

  draft(): string {
    return ''
  }

  issue(username: string, authRevision: number): string {
    const { clock, ttlMs, signKey, method } = this.#options
    if (signKey === undefined) throw new StoreError({ code: 'TokenVerifyOnly' })
    const exp = Math.floor((clock.now() + ttlMs) / 1000)
    const signed = `${this.#head}.${encode({ username, revision: authRevision, exp })}`
    return `${signed}.${signatureOf(method, signKey, signed).toString('base64url')}`
  }

  find(token: string): TokenBearer | undefined {
    const { clock, method, verifyKey } = this.#options
    const [head = '', body = '', signature, ...rest] = token.split('.')
    if (signature === undefined || rest.length > 0 || body === '') return undefined
    // Whoever makes a token must not choose how it is verified.
    if (decode<{ alg?: string }>(head)?.alg !== method) return undefined
    const given = Buffer.from(signature, 'base64url')
    if (!isSignatureOf(method, verifyKey, `${head}.${body}`, given)) return undefined
    const { username, revision, exp } = decode<Partial<Claims>>(body) ?? {}
    if (typeof username !== 'string' || typeof revision !== 'number') return undefined
    if (typeof exp !== 'number' || exp * 1000 <= clock.now()) return undefined
    return { username, authRevision: revision }
  }

  /** They end by themselves, or with the permissions under which they were issued. */
  forget(): void {}
}

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
}

/** Which key a method needs, when this is none of them. Source: RFC 7518, section 3. */
export function keyProblem(method: string, key: KeyObject): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const found = details?.namedCurve === undefined ? type : `${type} (${details.namedCurve})`
  const curve = CURVES[method]
  const [isFit, needed] =
    curve !== undefined
      ? [type === 'ec' && details?.namedCurve === curve, `ec (${curve})`]
      : method === 'EdDSA'
        ? [type === 'ed25519', 'ed25519']
        : method.startsWith('HS')
          ? [key.type === 'secret', 'secret']
          : [type === 'rsa' || (type === 'rsa-pss' && method.startsWith('PS')), 'rsa']
  return isFit ? undefined : `${method} needs a key of the kind ${needed}, not ${found}`
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function decode<T>(text: string): T | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined // whatever it is, it is no token
  }
}

function signatureOf(method: string, key: KeyObject, text: string): Buffer {
  if (method.startsWith('HS'))
    return createHmac(hashOf(method) ?? '', key)
      .update(text)
      .digest()
  return sign(hashOf(method), Buffer.from(text), { key, ...paddingOf(method) })
}

function isSignatureOf(method: string, key: KeyObject, text: string, given: Buffer): boolean {
  if (method.startsWith('HS')) {
    const expected = signatureOf(method, key, text)
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
  return verify(hashOf(method), Buffer.from(text), { key, ...paddingOf(method) }, given)
}

/** EdDSA brings its own. */
const hashOf = (method: string): string | null =>
  method === 'EdDSA' ? null : `sha${method.slice(2)}`

function paddingOf(method: string) {
  if (method.startsWith('ES')) return { dsaEncoding: 'ieee-p1363' as const }
  if (!method.startsWith('PS')) return {}
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return { padding, saltLength }
}
