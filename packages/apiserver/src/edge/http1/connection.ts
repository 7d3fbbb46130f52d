import type { TLSSocket } from 'node:tls'
import type { AnswerStream } from '../answer-stream.js'
import { clientCertificateOf, EdgeRequest, type ShownCertificate } from '../edge-request.js'
import type { TurnEnd } from '../turn-end.js'
import { type Carrier, Http1Exchange } from './exchange.js'
import { type HeaderBlock, parseHeaderBlock, parseRequestLine } from './request-head.js'

const HEAD_BYTES_MAX = 16 * 1024
/** What a client may send ahead while it is being answered. */
const AHEAD_BYTES_MAX = 64 * 1024
/** What is given to the socket at once. */
const WRITE_BYTES = 256 * 1024
const END_OF_LINE = Buffer.from('\r\n')
const END_OF_HEAD = Buffer.from('\r\n\r\n')

/**
 * A head whose lines end in a line feed alone, which the real server takes (RFC 9112 §2.2), with the
 * ends that others write, and what is behind it. Undefined: there is none.
 */
function withFullLineEnds(received: Buffer): Buffer | undefined {
  const text = received.toString('latin1', 0, HEAD_BYTES_MAX)
  const [head] = /^.*?\r?\n\r?\n/s.exec(text) ?? []
  if (head === undefined || !/(^|[^\r])\n/.test(head)) return undefined
  const whole = Buffer.from(head.replace(/\r?\n/g, '\r\n'), 'latin1')
  return Buffer.concat([whole, received.subarray(head.length)])
}

export interface Http1Options {
  readonly bodyBytesMax: number
  readonly turnEnd: TurnEnd
  date(): string
  answer(request: EdgeRequest, stream: AnswerStream): void
  /**
   * Takes over a connection whose next request is not of the usual form; `received` is everything
   * from that request on.
   */
  handOver(connection: Http1Connection, socket: TLSSocket, received: Buffer): void
}

interface Incoming {
  readonly method: string
  readonly target: string
  readonly block: HeaderBlock
}

/**
 * One connection that speaks HTTP/1.1 (RFC 9112). It reads requests as API clients write them, whose
 * body has a length that is known, and answers them in their order. At the first of any other form
 * (upgrades, chunked bodies, mistakes) it hands itself over, with nothing of that request consumed.
 */
export class Http1Connection implements Carrier {
  readonly #socket: TLSSocket
  readonly #options: Http1Options
  readonly #certificate: ShownCertificate
  #received: Buffer | undefined
  /** A request whose body is still coming. */
  #incoming: Incoming | undefined
  #body: Buffer[] = []
  #bodyMissing = 0
  #exchange: Http1Exchange | undefined
  /** Clients repeat themselves: the fields of the request before, and what they came to. */
  #lastFields: Buffer | undefined
  #lastBlock: HeaderBlock | undefined
  /** Written in this turn: it leaves when that ends, with what all other connections have to say. */
  readonly #outgoing: Uint8Array[] = []
  #outgoingAt = 0
  #outgoingBytes = 0
  /** Rounds of `sweep` since anything happened. */
  #idleSweeps = 0

  constructor(socket: TLSSocket, options: Http1Options) {
    this.#socket = socket
    this.#options = options
    this.#certificate = clientCertificateOf(socket)
    socket.setNoDelay(true)
    socket.on('data', this.#onData)
    socket.on('close', this.#onClose)
    socket.on('error', this.#onError)
  }

  get isOpen(): boolean {
    return this.#socket.writable
  }

  get queuedBytes(): number {
    return this.#socket.writableLength + this.#outgoingBytes
  }

  date(): string {
    return this.#options.date()
  }

  write(bytes: Uint8Array): void {
    this.#outgoingBytes += bytes.length
    if (this.#outgoing.push(bytes) === 1) this.#options.turnEnd.add(this.#flush)
  }

  done(): void {
    this.#exchange = undefined
    this.#idleSweeps = 0
    this.#socket.resume()
    if (this.#received) this.#advance()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Called again and again: closes what has been idle, or in the middle of a request, too long. */
  sweep(idleSweepsMax: number): void {
    if (this.#exchange) return
    if (++this.#idleSweeps > idleSweepsMax) this.#socket.destroy()
  }

  /** Writes what waits, no more than the network takes: what is behind it stays with its owner. */
  readonly #flush = (): void => {
    const socket = this.#socket
    let written = 0
    socket.cork()
    while (this.#outgoingAt < this.#outgoing.length && written < WRITE_BYTES) {
      const bytes = this.#outgoing[this.#outgoingAt++] as Uint8Array
      written += bytes.length
      const isLastOfThis = written >= WRITE_BYTES && this.#outgoingAt < this.#outgoing.length
      if (isLastOfThis) socket.write(bytes, this.#onWritten)
      else socket.write(bytes)
    }
    socket.uncork()
    this.#outgoingBytes -= written
    if (this.#outgoingAt < this.#outgoing.length) return
    this.#outgoing.length = 0
    this.#outgoingAt = 0
    if (this.#received && !this.#exchange) this.#advance()
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (!error) this.#flush()
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#incoming) {
      this.#takeBody(chunk)
      return
    }
    this.#received = this.#received ? Buffer.concat([this.#received, chunk]) : chunk
    if (!this.#exchange) this.#advance()
    else if (this.#received.length > AHEAD_BYTES_MAX) this.#socket.pause()
  }

  readonly #onClose = (): void => {
    this.#exchange?.gone()
  }

  readonly #onError = (): void => {
    // A client that breaks off is nobody's mistake here; 'close' follows.
    this.#socket.destroy()
  }

  /** Reads the next request, if it is all there. */
  #advance(): void {
    const received = this.#received
    // Who does not read its answers gets no more of them.
    if (!received || this.#outgoingBytes > AHEAD_BYTES_MAX) return
    const end = received.indexOf(END_OF_HEAD)
    const incoming = end < 0 ? undefined : this.#parseHead(received, end)
    if (!incoming) {
      const plain = withFullLineEnds(received)
      if (plain) {
        this.#received = plain
        this.#advance()
      } else if (end >= 0 || received.length > HEAD_BYTES_MAX) this.#handOver(received)
      return
    }
    this.#received = undefined
    const rest = received.subarray(end + END_OF_HEAD.length)
    const { contentLength } = incoming.block
    if (rest.length >= contentLength) {
      if (rest.length > contentLength) this.#received = rest.subarray(contentLength)
      this.#start(incoming, contentLength > 0 ? rest.subarray(0, contentLength) : undefined)
      return
    }
    this.#incoming = incoming
    this.#bodyMissing = contentLength
    if (rest.length > 0) this.#takeBody(rest)
  }

  #parseHead(received: Buffer, end: number): Incoming | undefined {
    const lineEnd = received.indexOf(END_OF_LINE)
    if (end > HEAD_BYTES_MAX) return undefined
    const line = parseRequestLine(received.toString('latin1', 0, lineEnd))
    const block = line && this.#blockOf(received.subarray(lineEnd + 2, end + 2))
    if (!block || block.contentLength > this.#options.bodyBytesMax) return undefined
    return { ...line, block }
  }

  #blockOf(fields: Buffer): HeaderBlock | undefined {
    if (this.#lastFields?.equals(fields)) return this.#lastBlock
    this.#lastBlock = parseHeaderBlock(fields.toString('latin1'))
    this.#lastFields = Buffer.from(fields)
    return this.#lastBlock
  }

  #takeBody(chunk: Buffer): void {
    const incoming = this.#incoming as Incoming
    this.#idleSweeps = 0
    if (chunk.length < this.#bodyMissing) {
      this.#body.push(chunk)
      this.#bodyMissing -= chunk.length
      return
    }
    const last = chunk.subarray(0, this.#bodyMissing)
    if (chunk.length > last.length) this.#received = chunk.subarray(last.length)
    const body = this.#body.length === 0 ? last : Buffer.concat([...this.#body, last])
    this.#body = []
    this.#incoming = undefined
    this.#start(incoming, body)
  }

  #start({ method, target, block }: Incoming, body: Buffer | undefined): void {
    const exchange = new Http1Exchange(this, method === 'HEAD')
    this.#exchange = exchange
    const { headers } = block
    const request = new EdgeRequest(method, target, headers, body, this.#certificate, exchange)
    this.#options.answer(request, exchange)
  }

  #handOver(received: Buffer): void {
    const socket = this.#socket
    this.#received = undefined
    // Its new owner writes behind what we have written.
    while (this.#outgoing.length > 0) this.#flush()
    socket.off('data', this.#onData)
    socket.off('close', this.#onClose)
    socket.off('error', this.#onError)
    this.#options.handOver(this, socket, received)
  }
}
