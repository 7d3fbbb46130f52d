import type { Clock, Random, Secret } from '@miniplane/api'
import { goQuote, uuid } from '@miniplane/api'
import type { JWTPayload } from 'jose'
import type { UserInfo } from '../pipeline/stage.js'
import type { Lister } from '../registry/strategy.js'
import {
  judgeSecretToken,
  SECRET_ISSUER,
  type SecretTokenOrder,
  secretTokenClaims,
  subjectOf,
} from './secret-tokens.js'
import { type KeyKeeper, keptKey, madeKey, type SigningKey } from './signing-key.js'

export const ISSUER = 'https://kubernetes.default.svc'

/** An object that a token dies with. */
export interface BoundObject {
  readonly kind: string
  readonly name: string
  readonly uid: string
  /** Of a Pod: where it runs. */
  readonly node?: { readonly name: string; readonly uid?: string | undefined } | undefined
}

/** Whom a token stands for, and in whose eyes; or why for nobody. */
export type Verified =
  | { readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly user?: undefined; readonly problem: string }

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

/** Notes that the token of a Secret was used. */
export type NoteUse = (secret: Secret) => Promise<void>

interface IssuerOptions {
  readonly noteUse?: NoteUse
  /** Without one the key lives as long as the server. */
  readonly keyKeeper?: KeyKeeper | undefined
}

/** Signs and verifies service accounts' tokens (JWT). */
export class TokenIssuer {
  readonly #clock: Clock
  readonly #random: Random
  readonly #lister: () => Lister
  readonly #noteUse: NoteUse
  readonly #keyKeeper: KeyKeeper | undefined
  #key: Promise<SigningKey> | undefined

  constructor(clock: Clock, random: Random, lister: () => Lister, options: IssuerOptions = {}) {
    this.#clock = clock
    this.#random = random
    this.#lister = lister
    this.#noteUse = options.noteUse ?? (async () => undefined)
    this.#keyKeeper = options.keyKeeper
  }

  async sign(claims: TokenClaims): Promise<string> {
    const { SignJWT } = await import('jose')
    const { namespace, serviceAccount, audiences, expirationSeconds, bound } = claims
    const nowSeconds = Math.floor(this.#clock.now() / 1000)
    const kubernetes = {
      namespace,
      ...(bound?.node && { node: bound.node }),
      ...(bound && { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
      serviceaccount: { name: serviceAccount.name, uid: serviceAccount.uid },
    }
    const { id, privateKey } = await this.#signingKey()
    // In the order in which the real server writes them: by name.
    return new SignJWT({
      aud: [...audiences],
      exp: nowSeconds + expirationSeconds,
      iat: nowSeconds,
      iss: ISSUER,
      jti: uuid(this.#random),
      'kubernetes.io': kubernetes,
      nbf: nowSeconds,
      sub: subjectOf(namespace, serviceAccount.name),
    })
      .setProtectedHeader({ alg: ALGORITHM, kid: id })
      .sign(privateKey)
  }

  /** A token that lasts as long as the Secret it is put into. */
  async signForSecret(order: SecretTokenOrder): Promise<string> {
    const { SignJWT } = await import('jose')
    const { id, privateKey } = await this.#signingKey()
    return new SignJWT(secretTokenClaims(order))
      .setProtectedHeader({ alg: ALGORITHM, kid: id })
      .setIssuer(SECRET_ISSUER)
      .setSubject(subjectOf(order.namespace, order.serviceAccount.name))
      .sign(privateKey)
  }

  /** The keys that others verify our tokens with. */
  async publicKeys(): Promise<readonly JsonWebKey[]> {
    const { id, publicKey } = await this.#signingKey()
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
    return [{ use: 'sig', kty: 'RSA', kid: id, alg: ALGORITHM, n, e }]
  }

  /**
   * Whom a token stands for in the eyes of `audiences`. Undefined: it is none that this server
   * signed.
   */
  async verify(
    token: string,
    audiences: readonly string[] = [ISSUER],
  ): Promise<Verified | undefined> {
    // Anything else is no JWT, and not worth loading a library for.
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
    const key = await this.#knownKey()
    if (!key) return undefined
    const { decodeJwt, errors, jwtVerify } = await import('jose')
    const { publicKey } = key
    const currentDate = new Date(this.#clock.now())
    try {
      const { iss } = decodeJwt(token)
      if (iss !== ISSUER && iss !== SECRET_ISSUER) return undefined
      const { payload } = await jwtVerify(token, publicKey, { issuer: iss, currentDate })
      return iss === ISSUER
        ? this.#judge(payload, audiences)
        : await this.#judgeSecret(token, payload, audiences)
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        return { problem: 'service account token has expired' }
      if (error instanceof errors.JWSSignatureVerificationFailed)
        return { problem: 'go-jose/go-jose: error in cryptographic primitive' }
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  #judge({ aud, jti, ...claims }: JWTPayload, audiences: readonly string[]): Verified {
    const held = typeof aud === 'string' ? [aud] : (aud ?? [])
    const shared = held.filter((one) => audiences.includes(one))
    if (shared.length === 0) {
      const problem = `token audiences ${quoted(held)} is invalid for the target audiences ${quoted(audiences)}`
      return { problem }
    }
    const claim = claims['kubernetes.io'] as KubernetesClaim | undefined
    const problem = this.#endOf(claim ?? {})
    return problem === undefined
      ? { user: userOf(claim ?? {}, jti), audiences: shared }
      : { problem }
  }

  /** It is for whoever talks to this server, since it says nothing else. */
  async #judgeSecret(
    token: string,
    payload: JWTPayload,
    audiences: readonly string[],
  ): Promise<Verified> {
    if (!audiences.includes(ISSUER)) {
      const held = quoted([ISSUER])
      return {
        problem: `token audiences ${held} is invalid for the target audiences ${quoted(audiences)}`,
      }
    }
    const judged = judgeSecretToken(token, payload, this.#lister())
    if (judged.problem !== undefined) return judged
    await this.#noteUse(judged.secret)
    const { namespace, serviceaccount } = judged
    const { extra: _, ...user } = userOf({ namespace, serviceaccount }, undefined)
    return { user, audiences: [ISSUER] }
  }

  /** Why the token has ended before its time: with its account, or what it is bound to. */
  #endOf({ namespace = '', serviceaccount, pod, secret, node }: KubernetesClaim) {
    const account = this.#find('serviceaccounts', namespace, serviceaccount?.name)
    if (!account) return missing('serviceaccounts', serviceaccount?.name)
    if (account.deletionTimestamp) return 'service account has been deleted'
    if (account.uid !== serviceaccount?.uid)
      return `service account UID (${account.uid}) does not match claim (${serviceaccount?.uid})`
    if (secret && this.#find('secrets', namespace, secret.name)?.uid !== secret.uid)
      return 'service account token has been invalidated'
    if (pod) {
      const found = this.#find('pods', namespace, pod.name)
      if (!found) return missing('pods', pod.name)
      if (found.uid !== pod.uid)
        return `pod UID (${found.uid}) does not match service account pod ref claim (${pod.uid})`
    } else if (node) {
      const found = this.#find('nodes', undefined, node.name)
      if (!found) return missing('nodes', node.name)
      if (found.uid !== node.uid)
        return `node UID (${found.uid}) does not match service account node ref claim (${node.uid})`
    }
    return undefined
  }

  #find(resource: string, namespace: string | undefined, name = '') {
    return this.#lister().get('', resource, namespace, name)?.metadata
  }

  /** Made with the first token: it takes its time, and most short-lived planes never need one. */
  #signingKey(): Promise<SigningKey> {
    if (!this.#key) {
      const key = madeKey(this.#keyKeeper)
      this.#key = key
      // One that could not be kept is made anew by who asks next.
      key.catch(() => {
        this.#key = undefined
      })
    }
    return this.#key
  }

  /** The key, if any token can have been signed with it. */
  async #knownKey(): Promise<SigningKey | undefined> {
    if (this.#key || !this.#keyKeeper) return this.#key
    const kept = await keptKey(this.#keyKeeper)
    if (kept) this.#key ??= Promise.resolve(kept)
    return this.#key
  }
}

function userOf(claim: KubernetesClaim, jti: string | undefined): UserInfo {
  const { namespace = '', serviceaccount, pod, node } = claim
  const extra = {
    ...(jti !== undefined && { 'credential-id': `JTI=${jti}` }),
    ...(node?.name && { 'node-name': node.name }),
    ...(node?.uid && { 'node-uid': node.uid }),
    ...(pod && { 'pod-name': pod.name ?? '', 'pod-uid': pod.uid ?? '' }),
  }
  return {
    name: subjectOf(namespace, serviceaccount?.name ?? ''),
    uid: serviceaccount?.uid ?? '',
    groups: [
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
      'system:authenticated',
    ],
    extra: Object.fromEntries(
      Object.entries(extra).map(([key, value]) => [`authentication.kubernetes.io/${key}`, [value]]),
    ),
  }
}

const missing = (resource: string, name = ''): string => `${resource} ${goQuote(name)} not found`

const quoted = (list: readonly string[]): string => `[${list.map(goQuote).join(' ')}]`
