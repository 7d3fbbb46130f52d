import { createHash, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock, Random } from '@miniplane/api'
import { uuid } from '@miniplane/api'
import type { UserInfo } from '../pipeline/stage.js'
import type { Lister } from '../registry/strategy.js'

export const ISSUER = 'https://kubernetes.default.svc'

/** An object that a token dies with. */
export interface BoundObject {
  readonly kind: string
  readonly name: string
  readonly uid: string
}

export interface TokenClaims {
  readonly namespace: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
  readonly bound?: BoundObject | undefined
}

interface KubernetesClaim {
  namespace?: string
  serviceaccount?: { name?: string; uid?: string }
  pod?: { name?: string; uid?: string }
  secret?: { name?: string; uid?: string }
  node?: { name?: string; uid?: string }
}

interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** RFC 7517 §4 and RFC 7518 §6.3.1, as Kubernetes publishes it. */
export interface JsonWebKey {
  readonly use: 'sig'
  readonly kty: 'RSA'
  readonly kid: string
  readonly alg: typeof ALGORITHM
  readonly n: string
  readonly e: string
}

export const ALGORITHM = 'RS256'
const MODULUS_BITS = 2048

/** Signs and verifies service accounts' tokens (JWT). The key lives as long as the server. */
export class TokenIssuer {
  readonly #clock: Clock
  readonly #random: Random
  readonly #lister: () => Lister
  #key: Promise<SigningKey> | undefined

  constructor(clock: Clock, random: Random, lister: () => Lister) {
    this.#clock = clock
    this.#random = random
    this.#lister = lister
  }

  async sign(claims: TokenClaims): Promise<string> {
    const { SignJWT } = await import('jose')
    const { namespace, serviceAccount, audiences, expirationSeconds, bound } = claims
    const nowSeconds = Math.floor(this.#clock.now() / 1000)
    const kubernetes = {
      namespace,
      ...(bound && { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
      serviceaccount: { name: serviceAccount.name, uid: serviceAccount.uid },
    }
    const { id, privateKey } = await this.#signingKey()
    return new SignJWT({ 'kubernetes.io': kubernetes })
      .setProtectedHeader({ alg: ALGORITHM, kid: id })
      .setIssuer(ISSUER)
      .setSubject(`system:serviceaccount:${namespace}:${serviceAccount.name}`)
      .setAudience([...audiences])
      .setIssuedAt(nowSeconds)
      .setNotBefore(nowSeconds)
      .setExpirationTime(nowSeconds + expirationSeconds)
      .setJti(uuid(this.#random))
      .sign(privateKey)
  }

  /** The keys that others verify our tokens with. */
  async publicKeys(): Promise<readonly JsonWebKey[]> {
    const { id, publicKey } = await this.#signingKey()
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
    return [{ use: 'sig', kty: 'RSA', kid: id, alg: ALGORITHM, n, e }]
  }

  /** Whom a token stands for; undefined when it is not ours, has ended, or its account is gone. */
  async verify(token: string, audience = ISSUER): Promise<UserInfo | undefined> {
    // Anything else is no JWT, and not worth loading a library for.
    if (!this.#key || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
    const { errors, jwtVerify } = await import('jose')
    const { publicKey } = await this.#key
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        issuer: ISSUER,
        audience,
        currentDate: new Date(this.#clock.now()),
      })
      return this.#userOf(payload['kubernetes.io'] as KubernetesClaim | undefined, payload.jti)
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  #userOf(claim: KubernetesClaim | undefined, jti: string | undefined): UserInfo | undefined {
    const { namespace, serviceaccount, pod } = claim ?? {}
    if (!namespace || !serviceaccount?.name) return undefined
    const lister = this.#lister()
    const account = lister.get('', 'serviceaccounts', namespace, serviceaccount.name)
    if (!account || account.metadata.uid !== serviceaccount.uid) return undefined
    if (pod && lister.get('', 'pods', namespace, pod.name ?? '')?.metadata.uid !== pod.uid)
      return undefined
    return {
      name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
      uid: serviceaccount.uid ?? '',
      groups: [
        'system:serviceaccounts',
        `system:serviceaccounts:${namespace}`,
        'system:authenticated',
      ],
      extra: {
        ...(jti !== undefined && { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] }),
        ...(pod && {
          'authentication.kubernetes.io/pod-name': [pod.name ?? ''],
          'authentication.kubernetes.io/pod-uid': [pod.uid ?? ''],
        }),
      },
    }
  }

  /** Made with the first token: it takes its time, and most short-lived planes never need one. */
  #signingKey(): Promise<SigningKey> {
    this.#key ??= newSigningKey()
    return this.#key
  }
}

async function newSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: MODULUS_BITS,
  })
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return { id: createHash('sha256').update(der).digest('base64url'), privateKey, publicKey }
}
