import {
  type AnswerStream,
  type Body,
  type Framing,
  lengthOf,
  type ResponseHeaders,
} from '../answer-stream.js'
import { responseHead } from './response-head.js'

const CRLF = Buffer.from('\r\n')

/** RFC 9112 §7.1: all parts make one chunk. */
export const chunkedFraming: Framing = {
  join(parts) {
    let size = 0
    for (const part of parts) size += part.length
    return Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), ...parts, CRLF])
  },
}

/** What an exchange needs of its connection. */
export interface Carrier {
  readonly isOpen: boolean
  readonly queuedBytes: number
  date(): string
  write(bytes: Uint8Array): void
  /** The answer is complete: the next request may be read. */
  done(): void
  destroy(): void
}

/** Up to here a body is copied behind its head, and both are one write. */
const COPIED_BYTES_MAX = 64 * 1024

/** The answering half of a request. */
export class Http1Exchange implements AnswerStream {
  readonly framing = chunkedFraming
  readonly #carrier: Carrier
  readonly #isHead: boolean
  #isClosed = false
  #onGone: (() => void)[] | undefined

  constructor(carrier: Carrier, isHead: boolean) {
    this.#carrier = carrier
    this.#isHead = isHead
  }

  get isClosed(): boolean {
    return this.#isClosed || !this.#carrier.isOpen
  }

  get queuedBytes(): number {
    return this.#carrier.queuedBytes
  }

  respond(status: number, headers: ResponseHeaders, body: Body): void {
    if (this.isClosed) return
    const bytes = lengthOf(body)
    // RFC 9110 §8.6: neither a body nor its length.
    const hasNone = status === 204 || status === 304
    const length = hasNone ? '' : `Content-Length: ${bytes}\r\n`
    const head = responseHead(status, headers, this.#carrier.date(), length)
    if (hasNone || this.#isHead) this.#writeWhole(head, [], 0)
    else this.#writeWhole(head, body, bytes)
    this.#done()
  }

  begin(status: number, headers: ResponseHeaders): void {
    if (this.isClosed) return
    const framing = 'Transfer-Encoding: chunked\r\n'
    const head = responseHead(status, headers, this.#carrier.date(), framing)
    this.#carrier.write(Buffer.from(head, 'latin1'))
  }

  writeFramed(bytes: Uint8Array): void {
    if (!this.isClosed) this.#carrier.write(bytes)
  }

  finish(): void {
    if (this.isClosed) return
    this.#carrier.write(Buffer.from('0\r\n\r\n'))
    this.#done()
  }

  destroy(): void {
    this.#carrier.destroy()
  }

  onGone(callback: () => void): void {
    this.#onGone ??= []
    this.#onGone.push(callback)
  }

  /** The connection is closed. */
  gone(): void {
    this.#isClosed = true
    for (const callback of this.#onGone ?? []) callback()
  }

  #writeWhole(head: string, body: Body, bodyBytes: number): void {
    if (bodyBytes > COPIED_BYTES_MAX) {
      this.#carrier.write(Buffer.from(head, 'latin1'))
      for (const bytes of body) this.#carrier.write(bytes)
      return
    }
    const whole = Buffer.allocUnsafe(head.length + bodyBytes)
    let at = whole.write(head, 0, 'latin1')
    for (const bytes of body) {
      whole.set(bytes, at)
      at += bytes.length
    }
    this.#carrier.write(whole)
  }

  #done(): void {
    this.#isClosed = true
    this.#carrier.done()
  }
}
