import type { ApiRequest } from '@miniplane/api'
import type { UserInfo } from '../pipeline/stage.js'
import { type FrontProxies, FrontProxyAuthenticator } from './front-proxy.js'
import type { TokenIssuer, Verified } from './service-account-tokens.js'

/** One bearer token and whom it stands for. */
export interface StaticToken {
  readonly token: string
  readonly user: UserInfo
}

export interface AuthenticatorOptions {
  readonly tokens?: readonly StaticToken[] | undefined
  /** Tokens of the plane's own components. */
  readonly componentOf?: ((token: string) => UserInfo | undefined) | undefined
  /** Who shows no credentials is the anonymous user, whom roles can be given to. Default true. */
  readonly allowsAnonymous?: boolean
  readonly frontProxies?: FrontProxies | undefined
}

export interface Authenticator {
  /** The user, or undefined when the credentials are wrong. Without any: the anonymous user. */
  authenticate(request: ApiRequest): UserInfo | undefined | Promise<UserInfo | undefined>
}

type ClientCertificate = NonNullable<ApiRequest['clientCertificate']>

const AUTHENTICATED = 'system:authenticated'
const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** Client certificates, static tokens and service accounts' tokens; what has none is anonymous. */
export class RequestAuthenticator implements Authenticator {
  readonly #byToken: ReadonlyMap<string, UserInfo>
  readonly #issuer: TokenIssuer
  readonly #componentOf: (token: string) => UserInfo | undefined
  readonly #nobody: UserInfo | undefined
  readonly #frontProxies: FrontProxyAuthenticator | undefined
  readonly #byCertificate = new WeakMap<ClientCertificate, UserInfo>()

  constructor(issuer: TokenIssuer, given: AuthenticatorOptions = {}) {
    const { tokens = [], componentOf = () => undefined, allowsAnonymous = true } = given
    this.#componentOf = componentOf
    this.#byToken = new Map(tokens.map(({ token, user }) => [token, withGroup(user)]))
    this.#issuer = issuer
    this.#frontProxies = given.frontProxies && new FrontProxyAuthenticator(given.frontProxies)
    this.#nobody = allowsAnonymous ? ANONYMOUS : undefined
  }

  authenticate({ headers, clientCertificate, hasUntrustedCertificate }: ApiRequest) {
    if (clientCertificate) {
      const named = this.#frontProxies?.userOf(clientCertificate, headers)
      if (named) return withGroup(named)
      if (!this.#frontProxies?.isProxyOnly(clientCertificate))
        return this.#certified(clientCertificate)
    }
    const token = bearerToken(headers.authorization)
    const isRefused = hasUntrustedCertificate || clientCertificate
    if (token === undefined) return isRefused ? undefined : this.#nobody
    return this.#known(token) ?? this.#issuer.verify(token).then((found) => found?.user)
  }

  /** What a TokenReview asks; a static token is for whoever talks to this server. */
  async reviewToken(
    token: string,
    audiences: readonly string[] = this.#issuer.audiences,
  ): Promise<Verified | undefined> {
    const user = this.#known(token)
    if (!user) return this.#issuer.verify(token, audiences)
    const shared = this.#issuer.audiences.filter((one) => audiences.includes(one))
    return shared.length > 0 ? { user, audiences: shared } : undefined
  }

  /** Made once a connection. */
  #certified(certificate: ClientCertificate): UserInfo {
    let user = this.#byCertificate.get(certificate)
    if (!user) {
      const { commonName: name, organizations: groups, sha256 } = certificate
      const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${sha256}`] }
      user = withGroup({ name, groups, extra })
      this.#byCertificate.set(certificate, user)
    }
    return user
  }

  #known(token: string): UserInfo | undefined {
    return this.#byToken.get(token) ?? this.#componentOf(token)
  }
}

function withGroup(user: UserInfo): UserInfo {
  return user.groups.includes(AUTHENTICATED)
    ? user
    : { ...user, groups: [...user.groups, AUTHENTICATED] }
}

/** Other schemes, and no token right after the word, count as no credentials. */
function bearerToken(authorization: string | undefined): string | undefined {
  if (!authorization) return undefined
  const [scheme = '', token] = authorization.trim().split(' ', 2)
  return scheme.toLowerCase() === 'bearer' && token ? token : undefined
}
