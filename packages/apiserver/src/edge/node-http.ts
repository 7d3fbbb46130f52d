import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { answer, type EdgeServices, refuse } from './answer.js'
import {
  type AnswerStream,
  type Body,
  lengthOf,
  plainFraming,
  type ResponseHeaders,
} from './answer-stream.js'
import {
  clientCertificateOf,
  EdgeRequest,
  joinedLines,
  type RequestHeaders,
  tooLarge,
} from './edge-request.js'
import { isSpdy, upgradeToSpdy } from './upgrade/spdy-upgrade.js'
import { WebSockets } from './web-socket.js'

/** As Go's server allows: selectors of many values make long URLs. */
const HEAD_BYTES_MAX = 1024 * 1024

/** Requests of any form that HTTP/1.1 has, by way of node:http: it is handed their connections. */
export interface NodeHttp {
  /** `received` is what the client sent already. */
  takeOver(socket: TLSSocket, received: Buffer): void
  close(): void
}

/**
 * Express and node:http cost three times what our own reading of a request does, so that only what
 * is seldom comes here, and they are loaded when it does (docs/adr/0015).
 */
export async function openNodeHttp(
  services: EdgeServices,
  keepAliveTimeoutMs: number,
): Promise<NodeHttp> {
  const { default: express } = await import('express')
  const router = express.Router()
  const turns = new Turns()
  router.use((incoming, outgoing) => {
    turns.take(incoming.socket, outgoing, () => answerIncoming(services, incoming, outgoing))
  })
  const server = createServer(
    {
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: HEAD_BYTES_MAX,
      // To receive it; how long the answer takes is the pipeline's business.
      requestTimeout: services.apiServer.limits.requestTimeoutMs,
    },
    (incoming, outgoing) => router(incoming as never, outgoing as never, () => outgoing.destroy()),
  )
  // It looks for requests that take too long to come from the moment it listens, which it never does.
  server.emit('listening')
  server.on('clientError', (error, socket) => {
    // More after the request that was to be the last: it is not read, and what was asked is answered.
    if ((error as NodeJS.ErrnoException).code === 'HPE_CLOSED_CONNECTION') return
    turns.last(socket as Socket, () => answerMalformed(error, socket as Socket))
  })
  const webSockets = new WebSockets(services)
  server.on('upgrade', (incoming, socket, received) => {
    if (isWebSocket(incoming)) webSockets.upgrade(incoming, socket, received)
    else if (isSpdy(incoming)) upgradeToSpdy(services, incoming, socket, received)
    else server.emit('request', incoming, plainAnswer(incoming, socket as Socket))
  })
  return {
    takeOver(socket, received) {
      // Held still until its new owner listens: nothing may be read past it.
      socket.pause()
      socket.unshift(received)
      server.emit('connection', socket)
      socket.resume()
    },
    close() {
      webSockets.close()
      closeServer(server)
    },
  }
}

/** Requests that a client sent ahead: each waits until the one before it has been answered. */
class Turns {
  readonly #answered = new WeakMap<Socket, Promise<void>>()

  take(socket: Socket, outgoing: ServerResponse, answer: () => Promise<void>): void {
    const before = this.#answered.get(socket)
    const own = new Promise<void>((resolve) => outgoing.once('close', resolve))
    this.#answered.set(socket, before ? before.then(() => own) : own)
    if (before) void before.then(answer)
    else void answer()
  }

  /** When all that was asked before is answered. */
  last(socket: Socket, then: () => void): void {
    const before = this.#answered.get(socket)
    if (before) void before.then(then)
    else then()
  }
}

const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'

/** Who offers to speak something else is answered in what he speaks, and that is the last of it. */
function plainAnswer(incoming: IncomingMessage, socket: Socket): ServerResponse {
  const outgoing = new ServerResponse(incoming)
  outgoing.shouldKeepAlive = false
  outgoing.assignSocket(socket)
  outgoing.once('finish', () => socket.end())
  return outgoing
}

function closeServer(server: Server): void {
  server.close()
  server.closeAllConnections()
}

async function answerIncoming(
  services: EdgeServices,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const stream = new NodeAnswerStream(incoming, outgoing)
  let body: Uint8Array | undefined
  try {
    body = await readBody(incoming, services.apiServer.limits.requestBodyBytesMax)
  } catch (error) {
    if (!outgoing.destroyed) refuse(stream, error)
    // The rest of a body that is too large is not worth reading.
    incoming.resume()
    return
  }
  const { method = 'GET', url = '/', socket } = incoming
  const headers = headersOf(incoming)
  const certificate = clientCertificateOf(socket as TLSSocket)
  const request = new EdgeRequest(method, url, headers, body, certificate, stream)
  await answer(services, request, stream)
}

function headersOf({ headers, headersDistinct }: IncomingMessage): RequestHeaders {
  const distinct: Record<string, string> = {}
  for (const [name, values = []] of Object.entries(headersDistinct))
    if (name.startsWith('impersonate-'))
      distinct[name] = values.reduce((all, one) => joinedLines(name, all, one))
  return { ...(headers as RequestHeaders), ...distinct }
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

class NodeAnswerStream implements AnswerStream {
  readonly framing = plainFraming
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#incoming = incoming
    this.#outgoing = outgoing
  }

  get isClosed(): boolean {
    return this.#outgoing.destroyed || this.#outgoing.writableEnded
  }

  get queuedBytes(): number {
    return this.#outgoing.writableLength
  }

  respond(status: number, headers: ResponseHeaders, body: Body): void {
    if (this.isClosed) return
    this.#outgoing.writeHead(status, {
      ...(headers as Record<string, string | string[]>),
      ...(body.length > 0 && { 'content-length': lengthOf(body) }),
    })
    if (this.#incoming.method !== 'HEAD') for (const bytes of body) this.#outgoing.write(bytes)
    this.#outgoing.end()
  }

  begin(status: number, headers: ResponseHeaders): void {
    if (this.isClosed) return
    this.#outgoing.writeHead(status, headers as Record<string, string | string[]>)
    this.#outgoing.flushHeaders()
  }

  writeFramed(bytes: Uint8Array): void {
    if (!this.isClosed) this.#outgoing.write(bytes)
  }

  finish(): void {
    this.#outgoing.end()
  }

  destroy(): void {
    this.#outgoing.destroy()
  }

  onGone(callback: () => void): void {
    this.#outgoing.once('close', () => {
      if (!this.#outgoing.writableFinished) callback()
    })
  }
}

const STATUS_LINES: ReadonlyMap<string | undefined, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_INVALID_HEADER_TOKEN', '400 Bad Request: invalid header name'],
  ['HPE_INVALID_VERSION', '505 HTTP Version Not Supported: unsupported protocol version'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

/** Something that is no HTTP: said once, in Go's words, and the connection ends. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const line = STATUS_LINES.get(error.code) ?? '400 Bad Request'
  socket.end(
    `HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${line}`,
  )
}
