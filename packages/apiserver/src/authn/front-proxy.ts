import { X509Certificate } from 'node:crypto'
import { type ApiRequest, setOwn } from '@miniplane/api'
import type { UserInfo } from '../pipeline/stage.js'
import { linesOf, unescapedKey } from './user-headers.js'

/** Proxies that say in headers who asks; they prove by a certificate that they are to be believed. */
export interface FrontProxies {
  /** PEM of the authorities of their certificates. */
  readonly authorities: string
  /** PEM of authorities of users' certificates, among which the same may be. */
  readonly clientAuthorities?: string | undefined
  /** Common names that their certificates may have; none: any. */
  readonly allowedNames: readonly string[]
  /** Of each the first that is there counts. */
  readonly usernameHeaders: readonly string[]
  readonly uidHeaders: readonly string[]
  readonly groupHeaders: readonly string[]
  readonly extraHeaderPrefixes: readonly string[]
}

type Certificate = NonNullable<ApiRequest['clientCertificate']>

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** The fingerprints of all certificates in a PEM text, as connections tell them. */
const fingerprints = (pem: string): ReadonlySet<string> =>
  new Set(
    [...pem.matchAll(CERTIFICATE)].map(([block]) =>
      new X509Certificate(block).fingerprint256.replaceAll(':', '').toLowerCase(),
    ),
  )

/** Finds whom a front proxy speaks for. Source: the real server's --requestheader flags. */
export class FrontProxyAuthenticator {
  readonly #proxies: FrontProxies
  readonly #authorities: ReadonlySet<string>
  readonly #ofClients: ReadonlySet<string>

  constructor(proxies: FrontProxies) {
    this.#proxies = proxies
    this.#authorities = fingerprints(proxies.authorities)
    this.#ofClients = fingerprints(proxies.clientAuthorities ?? '')
  }

  /** Whether a certificate is a front proxy's and stands for no user itself. */
  isProxyOnly(certificate: Certificate): boolean {
    return (
      this.#vouches(certificate) && !certificate.issuers.some((one) => this.#ofClients.has(one))
    )
  }

  /** Undefined: it is no front proxy, or names nobody. */
  userOf(certificate: Certificate, headers: ApiRequest['headers']): UserInfo | undefined {
    const { allowedNames, usernameHeaders, uidHeaders, groupHeaders } = this.#proxies
    const isAllowed = allowedNames.length === 0 || allowedNames.includes(certificate.commonName)
    if (!isAllowed || !this.#vouches(certificate)) return undefined
    const name = firstLine(headers, usernameHeaders)
    if (name === undefined) return undefined
    const uid = firstLine(headers, uidHeaders)
    const groups = groupHeaders
      .flatMap((header) => linesOf(headers[header.toLowerCase()]))
      .filter(Boolean)
    const extra = this.#extra(headers)
    return {
      name,
      ...(uid !== undefined && { uid }),
      groups,
      ...(Object.keys(extra).length > 0 && { extra }),
    }
  }

  #vouches({ issuers }: Certificate): boolean {
    return issuers.some((one) => this.#authorities.has(one))
  }

  #extra(headers: ApiRequest['headers']): Record<string, string[]> {
    const extra: Record<string, string[]> = {}
    for (const prefix of this.#proxies.extraHeaderPrefixes) {
      for (const [header, value] of Object.entries(headers)) {
        if (!header.startsWith(prefix.toLowerCase())) continue
        const key = unescapedKey(header.slice(prefix.length))
        const before = Object.hasOwn(extra, key) ? (extra[key] as string[]) : []
        setOwn(extra, key, [...before, ...linesOf(value)])
      }
    }
    return extra
  }
}

function firstLine(headers: ApiRequest['headers'], names: readonly string[]): string | undefined {
  for (const name of names) {
    const [line] = linesOf(headers[name.toLowerCase()])
    if (line) return line
  }
  return undefined
}
