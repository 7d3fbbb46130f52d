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
import type { JsonWebKey, KeyKeeper, VerifyingKey } from './signing-key.js'
import { type GivenKeys, TokenKeys } from './token-keys.js'

const ISSUER = 'https://kubernetes.default.svc'

/** In whose name tokens are signed, with which keys, and for whom; default: the server's own. */
export interface ServiceAccountTokens extends GivenKeys {
  /** The first one signs; tokens of the others are believed. */
  readonly issuers?: readonly string[] | undefined
  /** Who the server itself is. Default: the issuers. */
  readonly audiences?: readonly string[] | undefined
  /** No token lasts longer. Default: no limit but 2^32. */
  readonly expirationSecondsMax?: number | undefined
}

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

/** Notes that the token of a Secret was used. */
export type NoteUse = (secret: Secret) => Promise<void>

interface IssuerOptions {
  readonly noteUse?: NoteUse
  /** Without one the key lives as long as the server. */
  readonly keyKeeper?: KeyKeeper | undefined
  readonly given?: ServiceAccountTokens | undefined
}

/** Signs and verifies service accounts' tokens (JWT). */
export class TokenIssuer {
  readonly #clock: Clock
  readonly #random: Random
  readonly #lister: () => Lister
  readonly #noteUse: NoteUse
  readonly #keys: TokenKeys
  /** In whose name it signs. */
  readonly issuer: string
  /** Who the server itself is. */
  readonly audiences: readonly string[]
  readonly expirationSecondsMax: number | undefined
  readonly #issuers: ReadonlySet<string>

  constructor(clock: Clock, random: Random, lister: () => Lister, options: IssuerOptions = {}) {
    this.#clock = clock
    this.#random = random
    this.#lister = lister
    this.#noteUse = options.noteUse ?? (async () => undefined)
    const { given = {} } = options
    const { issuers = [ISSUER], audiences = issuers } = given
    this.#keys = new TokenKeys(given, options.keyKeeper)
    this.issuer = issuers[0] ?? ISSUER
    this.#issuers = new Set(issuers)
    this.audiences = audiences
    this.expirationSecondsMax = given.expirationSecondsMax
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
    const { id, algorithm: alg, privateKey } = await this.#keys.signing()
    // In the order in which the real server writes them: by name.
    return new SignJWT({
      aud: [...audiences],
      exp: nowSeconds + expirationSeconds,
      iat: nowSeconds,
      iss: this.issuer,
      jti: uuid(this.#random),
      'kubernetes.io': kubernetes,
      nbf: nowSeconds,
      sub: subjectOf(namespace, serviceAccount.name),
    })
      .setProtectedHeader({ alg, kid: id })
      .sign(privateKey)
  }

  /** A token that lasts as long as the Secret it is put into. */
  async signForSecret(order: SecretTokenOrder): Promise<string> {
    const { SignJWT } = await import('jose')
    const { id, algorithm: alg, privateKey } = await this.#keys.signing()
    return new SignJWT(secretTokenClaims(order))
      .setProtectedHeader({ alg, kid: id })
      .setIssuer(SECRET_ISSUER)
      .setSubject(subjectOf(order.namespace, order.serviceAccount.name))
      .sign(privateKey)
  }

  /** The keys that others verify our tokens with. */
  publicKeys(): Promise<readonly JsonWebKey[]> {
    return this.#keys.published()
  }

  /**
   * Whom a token stands for in the eyes of `audiences`. Undefined: it is none that this server
   * signed.
   */
  async verify(
    token: string,
    audiences: readonly string[] = this.audiences,
  ): Promise<Verified | undefined> {
    // Anything else is no JWT, and not worth loading a library for.
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
    const keys = await this.#keys.verifying()
    if (keys.length === 0) return undefined
    const { decodeJwt, decodeProtectedHeader, errors } = await import('jose')
    try {
      const { iss = '' } = decodeJwt(token)
      if (!this.#issuers.has(iss) && iss !== SECRET_ISSUER) return undefined
      const { kid, alg } = decodeProtectedHeader(token)
      const named = kid ? keys.filter(({ id }) => id === kid) : keys
      if (named.length === 0) return { problem: 'invalid signature, no keys found' }
      const ofKind = named.filter(({ algorithm }) => algorithm === alg)
      const payload = await this.#payloadOf(token, ofKind)
      if (!payload) return { problem: 'go-jose/go-jose: error in cryptographic primitive' }
      return iss === SECRET_ISSUER
        ? await this.#judgeSecret(token, payload, audiences)
        : this.#judge(payload, audiences)
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        return { problem: 'service account token has expired' }
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  /** What a token says that is signed with one of the keys. */
  async #payloadOf(token: string, keys: readonly VerifyingKey[]): Promise<JWTPayload | undefined> {
    const { errors, jwtVerify } = await import('jose')
    const currentDate = new Date(this.#clock.now())
    for (const { publicKey } of keys) {
      try {
        return (await jwtVerify(token, publicKey, { currentDate })).payload
      } catch (error) {
        // The next one, then.
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
      }
    }
    return undefined
  }

  #judge({ aud, jti, ...claims }: JWTPayload, audiences: readonly string[]): Verified {
    const held = typeof aud === 'string' ? [aud] : (aud ?? this.audiences)
    const shared = held.filter((one) => audiences.includes(one))
    if (shared.length === 0) return { problem: notFor(held, audiences) }
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
    const shared = this.audiences.filter((one) => audiences.includes(one))
    if (shared.length === 0) return { problem: notFor(this.audiences, audiences) }
    const judged = judgeSecretToken(token, payload, this.#lister())
    if (judged.problem !== undefined) return judged
    await this.#noteUse(judged.secret)
    const { namespace, serviceaccount } = judged
    const { extra: _, ...user } = userOf({ namespace, serviceaccount }, undefined)
    return { user, audiences: shared }
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

const notFor = (held: readonly string[], audiences: readonly string[]): string =>
  `token audiences ${quoted(held)} is invalid for the target audiences ${quoted(audiences)}`

const quoted = (list: readonly string[]): string => `[${list.map(goQuote).join(' ')}]`
