import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { type ApiRequest, CAUSE_HEADER, type Cause, requestEntityTooLarge } from '@miniplane/api'
import { parseCause } from './cause-header.js'

const NO_QUERY = new URLSearchParams()

/** Makes a request of the pipeline's from one off a socket. Throws 413 for a body too large. */
export async function readRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  bodyBytesMax: number,
): Promise<ApiRequest> {
  return new HttpRequest(incoming, outgoing, await readBody(incoming, bodyBytesMax))
}

class HttpRequest implements ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  declare readonly body?: Uint8Array
  declare readonly clientCertificate?: NonNullable<ApiRequest['clientCertificate']>
  declare readonly cause?: Cause
  readonly #outgoing: ServerResponse
  #signal: AbortSignal | undefined

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, body: Uint8Array | undefined) {
    const url = incoming.url ?? '/'
    const question = url.indexOf('?')
    this.method = incoming.method ?? 'GET'
    this.path = question < 0 ? url : url.slice(0, question)
    // Nothing writes to a query, so all that are empty are one.
    this.query = question < 0 ? NO_QUERY : new URLSearchParams(url.slice(question + 1))
    this.headers = incoming.headers as Record<string, string | undefined>
    this.#outgoing = outgoing
    const cause = causeOf(incoming)
    const certificate = clientCertificateOf(incoming)
    if (body) this.body = body
    if (cause) this.cause = cause
    if (certificate) this.clientCertificate = certificate
  }

  /** Made when somebody asks: most requests are answered before anybody could go away. */
  get signal(): AbortSignal {
    if (!this.#signal) {
      const gone = new AbortController()
      const outgoing = this.#outgoing
      outgoing.once('close', () => {
        if (!outgoing.writableFinished) gone.abort()
      })
      this.#signal = gone.signal
    }
    return this.#signal
  }
}

function readBody(incoming: IncomingMessage, bytesMax: number): Promise<Uint8Array | undefined> {
  const declared = Number(incoming.headers['content-length'] ?? 0)
  const isChunked = incoming.headers['transfer-encoding'] !== undefined
  if (declared === 0 && !isChunked) return Promise.resolve(undefined)
  if (declared > bytesMax) return Promise.reject(tooLarge(bytesMax))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > bytesMax) reject(tooLarge(bytesMax))
      else chunks.push(chunk)
    })
    incoming.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
    )
    incoming.on('error', reject)
    incoming.on('aborted', () => reject(new Error('the client went away')))
  })
}

const tooLarge = (bytesMax: number) => requestEntityTooLarge(`limit is ${bytesMax}`)

function causeOf({ headers }: IncomingMessage): Cause | undefined {
  const text = headers[CAUSE_HEADER]
  return typeof text === 'string' ? parseCause(text) : undefined
}

function clientCertificateOf({ socket }: IncomingMessage) {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>
  if (!authorized || !getPeerCertificate) return undefined
  const subject = (socket as TLSSocket).getPeerCertificate().subject as
    | { CN?: string; O?: string | string[] }
    | undefined
  if (!subject?.CN) return undefined
  const organizations = Array.isArray(subject.O) ? subject.O : subject.O ? [subject.O] : []
  return { commonName: subject.CN, organizations }
}
