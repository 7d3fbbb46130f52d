import type { TLSSocket } from 'node:tls'
import {
  ErrorCode,
  type RequestHead,
  type ServerConnection,
  type ServerStream,
  type StreamReceiver,
  serveHttp2,
} from '@miniplane/http2'
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
  type ShownCertificate,
  tooLarge,
} from './edge-request.js'
import { httpDate } from './http-date.js'

/** As Go's server does for the real one, twice as long. */
const IDLE_TIMEOUT_MS = 180_000
/**
 * A few lists of a large cluster: what waits is shared with the cache, and none of it a copy. A watch
 * that is too far behind is cut long before.
 */
const QUEUED_BYTES_MAX = 1024 ** 3

/** As the real server takes: selectors of many values make long URLs. */
const HEAD_BYTES_MAX = 1024 * 1024

/** The connections of an edge that speak HTTP/2. */
export class Http2 {
  readonly #services: EdgeServices
  readonly #date: () => string
  readonly #connections = new Set<ServerConnection>()

  constructor(services: EdgeServices) {
    this.#services = services
    this.#date = httpDate(services.apiServer.clock)
  }

  serve(socket: TLSSocket): void {
    socket.setNoDelay(true)
    const client = {
      certificate: clientCertificateOf(socket),
      services: this.#services,
      date: this.#date,
    }
    const { clock } = this.#services.apiServer
    const limits = { queuedBytesMax: QUEUED_BYTES_MAX, headerListBytesMax: HEAD_BYTES_MAX }
    const connection = serveHttp2(
      socket,
      { clock, idleTimeoutMs: IDLE_TIMEOUT_MS, limits },
      (stream, head) => new Http2Exchange(stream, head, client),
    )
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
  }

  /** Says GOAWAY to all, and cuts them off. */
  close(): void {
    for (const connection of this.#connections) connection.destroy(ErrorCode.noError)
  }
}

interface Client {
  readonly certificate: ShownCertificate
  readonly services: EdgeServices
  date(): string
}

/** One request and its answer: takes the body in and lets the pipeline answer. */
class Http2Exchange implements AnswerStream, StreamReceiver {
  readonly framing = plainFraming
  readonly #stream: ServerStream
  readonly #head: RequestHead
  readonly #client: Client
  #body: Buffer[] | undefined
  #bodyBytes = 0
  #isAnswered = false
  #onGone: (() => void)[] | undefined

  constructor(stream: ServerStream, head: RequestHead, client: Client) {
    this.#stream = stream
    this.#head = head
    this.#client = client
    if (Number(head.get('content-length') ?? 0) > this.#bodyBytesMax) this.#refuseBody()
  }

  // What comes from the client.

  data(bytes: Buffer): void {
    this.#bodyBytes += bytes.length
    if (this.#isAnswered) return
    if (this.#bodyBytes > this.#bodyBytesMax) {
      this.#refuseBody()
      return
    }
    this.#body ??= []
    this.#body.push(bytes)
  }

  end(): void {
    if (this.#isAnswered) return
    const { method, path } = this.#head
    const { certificate, services } = this.#client
    const headers = headersOf(this.#head)
    const request = new EdgeRequest(method, path, headers, this.#wholeBody(), certificate, this)
    services.turnEnd.add(() => void answer(services, request, this))
  }

  closed(): void {
    if (this.#isAnswered) return
    for (const callback of this.#onGone ?? []) callback()
  }

  // What goes to the client.

  get isClosed(): boolean {
    return this.#isAnswered || this.#stream.isClosed
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes
  }

  respond(status: number, headers: ResponseHeaders, body: Body): void {
    if (this.isClosed) return
    this.#isAnswered = true
    const fields = fieldsOf(headers, this.#client.date())
    if (status !== 204 && status !== 304) fields.push('content-length', String(lengthOf(body)))
    const parts = this.#head.method === 'HEAD' ? [] : body
    // With what all other connections have to say: who reads is woken once.
    this.#client.services.turnEnd.add(() => sendWhole(this.#stream, status, fields, parts))
  }

  begin(status: number, headers: ResponseHeaders): void {
    this.#stream.respond(status, fieldsOf(headers, this.#client.date()))
  }

  writeFramed(bytes: Uint8Array): void {
    this.#stream.write(bytes)
  }

  finish(): void {
    this.#isAnswered = true
    this.#stream.end()
  }

  destroy(): void {
    this.#stream.reset(ErrorCode.enhanceYourCalm)
  }

  onGone(callback: () => void): void {
    this.#onGone ??= []
    this.#onGone.push(callback)
  }

  get #bodyBytesMax(): number {
    return this.#client.services.apiServer.limits.requestBodyBytesMax
  }

  #refuseBody(): void {
    this.#body = undefined
    refuse(this, tooLarge(this.#bodyBytesMax))
  }

  #wholeBody(): Uint8Array | undefined {
    const [first, ...others] = this.#body ?? []
    return others.length === 0 ? first : Buffer.concat([first as Buffer, ...others])
  }
}

function sendWhole(
  stream: ServerStream,
  status: number,
  fields: readonly string[],
  body: Body,
): void {
  if (body.length <= 1) {
    stream.respond(status, fields, body[0], true)
    return
  }
  stream.respond(status, fields)
  for (const bytes of body) stream.write(bytes)
  stream.end()
}

/** Fields that stand once; of any other, the values make a list. */
const SINGLE = new Set(['content-length', 'content-type', 'authorization', 'user-agent'])

/** Clients repeat themselves, and a head that comes again is the same object. */
const knownHeaders = new WeakMap<RequestHead, RequestHeaders>()

function headersOf(head: RequestHead): RequestHeaders {
  const known = knownHeaders.get(head)
  if (known) return known
  const { fields, authority } = head
  const headers: Record<string, string> = Object.create(null)
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const value = fields[i + 1] as string
    const before = headers[name]
    if (before === undefined) headers[name] = value
    else if (!SINGLE.has(name)) headers[name] = joinedLines(name, before, value)
  }
  headers.host ??= authority
  knownHeaders.set(head, headers)
  return headers
}

function fieldsOf(headers: ResponseHeaders, date: string): string[] {
  const fields: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string') fields.push(name, value)
    else for (const one of value ?? []) fields.push(name, one)
  }
  fields.push('date', date)
  return fields
}
