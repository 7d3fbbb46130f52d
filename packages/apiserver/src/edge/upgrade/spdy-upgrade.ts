import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Conversation } from '@miniplane/api'
import { answer, type EdgeServices } from '../answer.js'
import {
  type AnswerStream,
  type Body,
  lengthOf,
  plainFraming,
  type ResponseHeaders,
} from '../answer-stream.js'
import { clientCertificateOf, EdgeRequest, type RequestHeaders } from '../edge-request.js'
import { beginLastAnswer } from '../last-answer.js'
import { SpdyConnection } from '../spdy/connection.js'
import { COMMAND_PROTOCOLS, SpdyCommand } from './spdy-command.js'
import { PORTS_PROTOCOL, SpdyPorts } from './spdy-ports.js'

const CONVERSATION = /\/(exec|attach|portforward)(\?|$)/

export const isSpdy = ({ headers, url = '' }: IncomingMessage): boolean =>
  CONVERSATION.test(url) && (headers.upgrade?.toLowerCase().includes('spdy/3.1') ?? false)

/** Takes over a connection whose request asked for SPDY/3.1; `received` is what came after its head. */
export function upgradeToSpdy(
  services: EdgeServices,
  incoming: IncomingMessage,
  socket: Duplex,
  received: Buffer,
): void {
  // What a connection dies of is nobody's business here: `close` follows.
  socket.on('error', () => socket.destroy())
  if (received.length > 0) socket.unshift(received)
  const stream = new SpdyAnswer(services, incoming, socket)
  const { method = 'POST', url = '/' } = incoming
  const certificate = clientCertificateOf(socket as TLSSocket)
  const headers = incoming.headers as RequestHeaders
  void answer(
    services,
    new EdgeRequest(method, url, headers, undefined, certificate, stream),
    stream,
  )
}

/** An answer to one who would rather talk in SPDY: it is that, or the last of the connection. */
class SpdyAnswer implements AnswerStream {
  readonly framing = plainFraming
  readonly #services: EdgeServices
  readonly #incoming: IncomingMessage
  readonly #socket: Duplex
  #outgoing: ServerResponse | undefined
  #isFinished = false

  constructor(services: EdgeServices, incoming: IncomingMessage, socket: Duplex) {
    this.#services = services
    this.#incoming = incoming
    this.#socket = socket
  }

  get isClosed(): boolean {
    return this.#isFinished || this.#socket.destroyed || this.#socket.writableEnded
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  respond(status: number, headers: ResponseHeaders, body: Body): void {
    if (this.isClosed) return
    this.begin(status, { ...headers, 'content-length': String(lengthOf(body)) })
    for (const bytes of body) this.writeFramed(bytes)
    this.finish()
  }

  begin(status: number, headers: ResponseHeaders): void {
    if (this.isClosed) return
    this.#outgoing = beginLastAnswer(this.#incoming, this.#socket, status, headers)
  }

  writeFramed(bytes: Uint8Array): void {
    if (!this.isClosed) this.#outgoing?.write(bytes)
  }

  finish(): void {
    this.#isFinished = true
    this.#outgoing?.end(() => this.#socket.end())
  }

  destroy(): void {
    this.#socket.destroy()
  }

  onGone(callback: () => void): void {
    this.#socket.once('close', () => {
      if (!this.#isFinished) callback()
    })
  }

  upgrade(conversation: Conversation): void {
    if (this.isClosed) return
    const spoken = conversation.kind === 'command' ? COMMAND_PROTOCOLS : [PORTS_PROTOCOL]
    const protocol = this.#negotiate(spoken)
    if (protocol === undefined) return
    this.#isFinished = true
    this.#socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n' +
        `X-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
    )
    this.#talk(conversation, protocol).catch((error: unknown) => {
      this.#onFailure(error)
      this.#socket.destroy()
    })
  }

  #talk(conversation: Conversation, protocol: string): Promise<void> {
    const { clock } = this.#services.apiServer
    const surroundings = { clock, onFailure: (error: unknown) => this.#onFailure(error) }
    if (conversation.kind === 'command') {
      const command = new SpdyCommand(conversation, protocol)
      return command.talk(new SpdyConnection(this.#socket, command.onStream, surroundings), clock)
    }
    const ports = new SpdyPorts(conversation.session, surroundings)
    return ports.talk(new SpdyConnection(this.#socket, ports.onStream, surroundings))
  }

  /** Answers in the real server's words, and returns nothing, when there is no protocol for both. */
  #negotiate(spoken: readonly string[]): string | undefined {
    const header = this.#incoming.headers['x-stream-protocol-version']
    if (header === undefined) {
      const count = Object.keys(this.#incoming.headers).length
      const text = `unable to upgrade: header X-Stream-Protocol-Version does not exist in request with ${count} headers\n`
      this.#refuse(400, text, {})
      return undefined
    }
    const offered = String(header)
      .split(',')
      .flatMap((one) => one.trim() || [])
    const agreed = offered.find((name) => spoken.includes(name))
    if (agreed !== undefined) return agreed
    const text = `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${spoken.join(' ')}]\n`
    this.#refuse(403, text, { 'x-accepted-stream-protocol-versions': spoken })
    return undefined
  }

  #refuse(status: number, text: string, headers: ResponseHeaders): void {
    this.respond(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }, [
      Buffer.from(text),
    ])
  }

  #onFailure(error: unknown): void {
    this.#services.apiServer.log.error('a conversation over SPDY broke off', { error })
  }
}
