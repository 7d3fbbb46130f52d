import type http from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import {
  badRequest,
  encodeJsonText,
  internalError,
  isStatusError,
  type Status,
} from '@miniplane/api'
import express from 'express'
import type { ApiServer } from '../server.js'
import { issueServingCertificate } from './certificates.js'
import { readRequest } from './read-request.js'
import { sendResponse } from './send-response.js'

export interface HttpsOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** Further names and addresses that the certificate is for. */
  readonly names?: readonly string[]
}

/** A listening HTTPS server. */
export interface HttpsEdge {
  /** `https://127.0.0.1:6443`. */
  readonly server: string
  readonly host: string
  readonly port: number
  /** PEM of the authority that signed the serving certificate. */
  readonly certificateAuthority: string
  /** A client certificate that this server takes, for a user and his groups. */
  issueClientCertificate(
    commonName: string,
    organizations: readonly string[],
  ): { certificatePem: string; privateKeyPem: string }
  /** Stops listening and cuts what is open. */
  close(): Promise<void>
}

/** Serves `apiServer` over HTTPS, HTTP/1.1. Rejects with the system's error, such as EADDRINUSE. */
export async function listenHttps(
  apiServer: ApiServer,
  { host = '127.0.0.1', port = 0, names = [] }: HttpsOptions = {},
): Promise<HttpsEdge> {
  const certificates = issueServingCertificate(apiServer, [host, ...names])
  const server = https.createServer(
    {
      key: certificates.serving.privateKeyPem,
      cert: certificates.serving.certificatePem,
      ca: certificates.authority.certificatePem,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      keepAliveTimeout: KEEP_ALIVE_MS,
      // To receive it; how long the answer takes is the pipeline's business.
      requestTimeout: apiServer.limits.requestTimeoutMs,
    },
    edgeRouter(apiServer),
  )
  server.on('clientError', answerMalformed)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port: actualPort } = server.address() as AddressInfo
  const shownHost = host.includes(':') ? `[${host}]` : host
  apiServer.address = `${shownHost}:${actualPort}`
  return {
    server: `https://${shownHost}:${actualPort}`,
    host,
    port: actualPort,
    certificateAuthority: certificates.authority.certificatePem,
    issueClientCertificate: certificates.issueClient,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const KEEP_ALIVE_MS = 180_000

/**
 * One route and nothing else: everything that express could do is done by the pipeline. A router
 * and not an application, which would give each request another prototype: that alone costs as
 * much as a small write.
 */
function edgeRouter(apiServer: ApiServer): http.RequestListener {
  const router = express.Router()
  router.use((incoming, outgoing) => {
    void answer(apiServer, incoming, outgoing)
  })
  return (incoming, outgoing) =>
    router(incoming as express.Request, outgoing as express.Response, () => outgoing.destroy())
}

async function answer(
  apiServer: ApiServer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const { requestBodyBytesMax } = apiServer.limits
    const request = await readRequest(incoming, outgoing, requestBodyBytesMax)
    sendResponse(await apiServer.handle(request), incoming, outgoing, apiServer.limits)
  } catch (error) {
    if (outgoing.destroyed) return
    if (!isStatusError(error)) apiServer.log.error('an answer could not be sent', { error })
    sendStatus(outgoing, isStatusError(error) ? error.status : internalError(error).status)
    // The rest of a body that is too large is not worth reading.
    incoming.resume()
  }
}

function sendStatus(outgoing: ServerResponse, status: Status): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  const body = `${encodeJsonText(status)}\n`
  outgoing.writeHead(status.code ?? 500, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  outgoing.end(body)
}

const STATUS_LINES: ReadonlyMap<string | undefined, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

/** Something that is no HTTP, or no TLS: said once, and the connection ends. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const line = STATUS_LINES.get(error.code) ?? '400 Bad Request'
  const body = STATUS_LINES.has(error.code)
    ? line
    : `${badRequest('malformed HTTP request').message}\n`
  socket.end(
    `HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
