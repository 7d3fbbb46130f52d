import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { type ApiRequest, CAUSE_HEADER, type Cause, requestEntityTooLarge } from '@miniplane/api'

const NO_QUERY = new URLSearchParams()

/** Makes a request of the pipeline's from one off a socket. Throws 413 for a body too large. */
export async function readRequest(
  incoming: IncomingMessage,
  bodyBytesMax: number,
  signal: AbortSignal,
): Promise<ApiRequest> {
  const url = incoming.url ?? '/'
  const question = url.indexOf('?')
  const cause = causeOf(incoming)
  const certificate = clientCertificateOf(incoming)
  const body = await readBody(incoming, bodyBytesMax)
  return {
    method: incoming.method ?? 'GET',
    path: question < 0 ? url : url.slice(0, question),
    // Nothing writes to a query, so all that are empty are one.
    query: question < 0 ? NO_QUERY : new URLSearchParams(url.slice(question + 1)),
    headers: incoming.headers as Record<string, string | undefined>,
    ...(body && { body }),
    ...(certificate && { clientCertificate: certificate }),
    ...(cause && { cause }),
    signal,
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

/** What the caller says led to this; anything that is no cause is none. */
function causeOf(incoming: IncomingMessage): Cause | undefined {
  const text = incoming.headers[CAUSE_HEADER]
  if (typeof text !== 'string') return undefined
  try {
    const cause = JSON.parse(text) as Partial<Cause>
    return typeof cause.actor === 'string' && Array.isArray(cause.triggers)
      ? (cause as Cause)
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
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
