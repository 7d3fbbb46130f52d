import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Conversation } from '@miniplane/api'
import { type WebSocket, WebSocketServer } from 'ws'
import { answer, type EdgeServices } from './answer.js'
import {
  type AnswerStream,
  type Body,
  type Framing,
  lengthOf,
  type ResponseHeaders,
} from './answer-stream.js'
import { clientCertificateOf, EdgeRequest, type RequestHeaders } from './edge-request.js'
import { beginLastAnswer } from './last-answer.js'
import type { SpdySurroundings } from './spdy/connection.js'
import { protocolFor } from './upgrade/web-socket-protocols.js'

/** What a client may send on a watch: pings and its farewell. */
const RECEIVED_BYTES_MAX = 64 * 1024
/** In one message of a conversation: as Go's server takes. */
const MESSAGE_BYTES_MAX = 32 * 1024 * 1024

/**
 * Watches over WebSocket (RFC 6455), as browsers and the JVM's clients ask for them: a GET that wants
 * to be upgraded. An event is a message. Conversations with containers are spoken in the
 * subprotocols of `upgrade/`. What is answered with anything but a stream is answered as
 * if nobody had asked for the upgrade.
 */
export class WebSockets {
  readonly #services: EdgeServices
  readonly #server: WebSocketServer

  constructor(services: EdgeServices) {
    this.#services = services
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: RECEIVED_BYTES_MAX,
      // Its own would take the first protocol that is offered; the one that a token travels in is none.
      handleProtocols: (offered) => [...offered].find((name) => !isToken(name)) ?? false,
    })
  }

  /** Takes over a connection whose request head was read; `received` is what came after it. */
  upgrade(incoming: IncomingMessage, socket: Duplex, received: Buffer): void {
    // What a connection dies of is nobody's business here: `close` follows.
    socket.on('error', () => socket.destroy())
    const { clock, log } = this.#services.apiServer
    const onFailure = (error: unknown) =>
      log.error('a conversation over WebSocket broke off', { error })
    const around = { server: this.#server, clock, onFailure }
    const stream = new WebSocketAnswer(around, incoming, socket, received)
    const { url = '/' } = incoming
    const certificate = clientCertificateOf(socket as TLSSocket)
    const headers = withToken(incoming.headers as RequestHeaders)
    const request = new EdgeRequest('GET', url, headers, undefined, certificate, stream)
    void answer(this.#services, request, stream)
  }

  close(): void {
    this.#server.close()
  }
}

const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.'
const isToken = (protocol: string): boolean => protocol.startsWith(TOKEN_PROTOCOL)

/** Browsers can set no headers: a protocol that they offer carries the token. */
function withToken(headers: RequestHeaders): RequestHeaders {
  const offered = headers['sec-websocket-protocol']?.split(',') ?? []
  const token = offered.map((name) => name.trim()).find(isToken)
  if (token === undefined || headers.authorization !== undefined) return headers
  const text = Buffer.from(token.slice(TOKEN_PROTOCOL.length), 'base64url').toString()
  return { ...headers, authorization: `Bearer ${text}` }
}

class WebSocketAnswer implements AnswerStream {
  framing: Framing = textFraming
  readonly #surroundings: SpdySurroundings & { readonly server: WebSocketServer }
  readonly #incoming: IncomingMessage
  readonly #socket: Duplex
  readonly #received: Buffer
  #webSocket: WebSocket | undefined
  #isFinished = false

  constructor(
    surroundings: SpdySurroundings & { readonly server: WebSocketServer },
    incoming: IncomingMessage,
    socket: Duplex,
    received: Buffer,
  ) {
    this.#surroundings = surroundings
    this.#incoming = incoming
    this.#socket = socket
    this.#received = received
  }

  get isClosed(): boolean {
    return this.#isFinished || this.#socket.destroyed || this.#socket.writableEnded
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  /** No stream: the answer of a plain request, and the connection ends with it. */
  respond(status: number, headers: ResponseHeaders, body: Body): void {
    if (this.isClosed) return
    this.#isFinished = true
    const withLength = { ...headers, 'content-length': String(lengthOf(body)) }
    const outgoing = beginLastAnswer(this.#incoming, this.#socket, status, withLength)
    for (const bytes of body) outgoing.write(bytes)
    outgoing.end(() => this.#socket.end())
  }

  begin(_status: number, headers: ResponseHeaders): void {
    if (this.isClosed) return
    if (!/json/.test(String(headers['content-type']))) this.framing = binaryFraming
    this.#shakeHands(this.#surroundings.server, (webSocket) => this.#listen(webSocket))
  }

  /** A text (a log) has subprotocols of its own, and begins with an empty message. */
  beginBytes(): void {
    if (this.isClosed) return
    const offered = this.#offered()
    // The first of his that is spoken here; who offers none speaks the one without a name.
    const name = (offered.length > 0 ? offered : ['']).find((each) => TEXT_FRAMINGS.has(each))
    const framing = TEXT_FRAMINGS.get(name ?? '')
    if (name === undefined || !framing) {
      this.respond(403, {}, [])
      return
    }
    this.framing = framing
    this.#shakeHands(serverFor(name, RECEIVED_BYTES_MAX), (webSocket) => {
      this.#listen(webSocket)
      this.writeFramed(framing.join([Buffer.alloc(0)]))
    })
  }

  /** As Go's server does it: a client that speaks none of the subprotocols hears no reason. */
  upgrade(conversation: Conversation): void {
    if (this.isClosed) return
    const protocol = protocolFor(conversation, this.#offered(), this.#surroundings)
    if (!protocol) {
      this.respond(403, {}, [])
      return
    }
    this.#isFinished = true
    this.#shakeHands(serverFor(protocol.name, MESSAGE_BYTES_MAX), (webSocket) => {
      protocol.talk(webSocket).catch((error: unknown) => {
        this.#surroundings.onFailure(error)
        webSocket.terminate()
      })
    })
  }

  /** The subprotocols that the client speaks, without the one that a token travels in. */
  #offered(): string[] {
    const offered = this.#incoming.headers['sec-websocket-protocol']?.split(',') ?? []
    return offered.map((name) => name.trim()).filter((name) => name !== '' && !isToken(name))
  }

  /** Calls back at once, or has refused a handshake that is wrong. */
  #shakeHands(server: WebSocketServer, begin: (webSocket: WebSocket) => void): void {
    server.handleUpgrade(this.#incoming, this.#socket, this.#received, begin)
  }

  #listen(webSocket: WebSocket): void {
    this.#webSocket = webSocket
    // A client that breaks the protocol is closed by ws, and `close` follows.
    webSocket.on('error', () => webSocket.terminate())
  }

  writeFramed(bytes: Uint8Array): void {
    if (!this.isClosed && this.#webSocket) this.#socket.write(bytes)
  }

  finish(): void {
    this.#isFinished = true
    this.#webSocket?.close()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  onGone(callback: () => void): void {
    this.#socket.once('close', () => {
      if (!this.#isFinished) callback()
    })
  }
}

const TEXT = 0x81
const BINARY = 0x82

const framingOf = (opcode: number): Framing => ({
  join: (parts) => Buffer.concat(parts.flatMap((part) => [head(opcode, part.length), part])),
})
/** A message each, whole and unmasked, as servers send them. */
const textFraming = framingOf(TEXT)
const binaryFraming = framingOf(BINARY)
const base64Framing: Framing = {
  join: (parts) =>
    textFraming.join(parts.map((part) => Buffer.from(Buffer.from(part).toString('base64')))),
}

/** The subprotocols of a text; who offers none gets bytes. */
const TEXT_FRAMINGS: ReadonlyMap<string, Framing> = new Map([
  ['', binaryFraming],
  ['binary.k8s.io', binaryFraming],
  ['base64.binary.k8s.io', base64Framing],
])

const serverFor = (protocol: string, maxPayload: number): WebSocketServer =>
  new WebSocketServer({
    ...{ noServer: true, clientTracking: false, maxPayload },
    handleProtocols: () => protocol,
  })

function head(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.of(opcode, length)
  if (length < 0x10000) return Buffer.of(opcode, 126, length >> 8, length & 0xff)
  const long = Buffer.alloc(10)
  long[0] = opcode
  long[1] = 127
  long.writeBigUInt64BE(BigInt(length), 2)
  return long
}
