import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { type ApiRequest, CAUSE_HEADER, type Cause, requestEntityTooLarge } from '@miniplane/api'
import type { AnswerStream } from './answer-stream.js'
import { parseCause } from './cause-header.js'

type ClientCertificate = NonNullable<ApiRequest['clientCertificate']>
/** What a client showed of himself when he connected. */
export type ShownCertificate = ClientCertificate | 'untrusted' | undefined
export type RequestHeaders = ApiRequest['headers']

const NO_QUERY = new URLSearchParams()

/** A request of the pipeline's, made from one off a socket. */
export class EdgeRequest implements ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: RequestHeaders
  declare readonly body?: Uint8Array
  declare readonly clientCertificate?: ClientCertificate
  declare readonly hasUntrustedCertificate?: boolean
  declare readonly cause?: Cause
  readonly #stream: AnswerStream
  #signal: AbortSignal | undefined

  constructor(
    method: string,
    url: string,
    headers: RequestHeaders,
    body: Uint8Array | undefined,
    certificate: ShownCertificate,
    stream: AnswerStream,
  ) {
    const question = url.indexOf('?')
    this.method = method
    this.path = question < 0 ? url : url.slice(0, question)
    // Nothing writes to a query, so all that are empty are one.
    this.query = question < 0 ? NO_QUERY : new URLSearchParams(url.slice(question + 1))
    this.headers = headers
    this.#stream = stream
    const causeText = headers[CAUSE_HEADER]
    const cause = causeText === undefined ? undefined : parseCause(causeText)
    if (body) this.body = body
    if (cause) this.cause = cause
    if (certificate === 'untrusted') this.hasUntrustedCertificate = true
    else if (certificate) this.clientCertificate = certificate
  }

  /** Made when somebody asks: most requests are answered before anybody could go away. */
  get signal(): AbortSignal {
    if (!this.#signal) {
      const gone = new AbortController()
      this.#stream.onGone(() => gone.abort())
      this.#signal = gone.signal
    }
    return this.#signal
  }
}

/**
 * Lines of one name make a list, with commas between them. Groups and extra values of a user who is
 * impersonated, or whom a proxy names, may have commas of their own, so that those are told apart by
 * line breaks.
 */
export const joinedLines = (name: string, before: string, value: string): string =>
  `${before}${NAMES_USER.test(name) ? '\n' : ', '}${value}`

const NAMES_USER = /^(?:impersonate|x-remote)-/

export const tooLarge = (bytesMax: number): Error => requestEntityTooLarge(`limit is ${bytesMax}`)

/** Whom a connection's certificate names; it was verified when the connection was made. */
export function clientCertificateOf(socket: TLSSocket): ShownCertificate {
  // Null, whatever its type says, of a connection that is gone.
  const certificate = socket.getPeerCertificate(true) as DetailedPeerCertificate | null
  if (!socket.authorized) return certificate?.raw ? 'untrusted' : undefined
  const { CN, O } = (certificate?.subject ?? {}) as Record<string, string | string[] | undefined>
  // Of several names the last one counts, as it does for who signs requests for certificates.
  const commonName = listOf(CN).at(-1)
  if (!certificate || !commonName) return undefined
  const [sha256 = '', ...issuers] = fingerprintsOf(certificate)
  return { commonName, organizations: listOf(O), sha256, issuers }
}

/** Of a certificate and those above it. */
function fingerprintsOf(certificate: DetailedPeerCertificate): string[] {
  const found = new Set<string>()
  // The last one has issued itself, or nobody is known who did.
  for (
    let one: DetailedPeerCertificate | undefined = certificate;
    one;
    one = one.issuerCertificate
  ) {
    const sha256 = one.fingerprint256.replaceAll(':', '').toLowerCase()
    if (found.has(sha256)) break
    found.add(sha256)
  }
  return [...found]
}

const listOf = (value: string | string[] | undefined): string[] =>
  Array.isArray(value) ? value : value ? [value] : []
