import type { Bytes, HeaderFields, ServerStream } from '@miniplane/http2'
import { grpcNumberOf, type Status } from '../status.js'

/** Frozen: they come again and again. */
export const HEADERS: HeaderFields = Object.freeze(['content-type', 'application/grpc'])

const OK: HeaderFields = Object.freeze(['grpc-status', '0', 'grpc-message', ''])

const ACCEPTED_ENCODINGS: HeaderFields = ['grpc-accept-encoding', 'identity,gzip']

/** Not compressed, and the length. Source: gRPC over HTTP/2, `Length-Prefixed-Message`. */
export const PREFIX_BYTES = 5
/** Smaller messages are copied behind their prefix, so that both are one frame. */
const COPIED_BYTES_MAX = 8192

function writePrefix(into: Buffer, length: number): void {
  into[0] = 0
  into.writeUInt32BE(length, 1)
}

/** How an answer goes out: headers with the first message, if there is one, and the status at the end. */
export class Answer {
  readonly #stream: ServerStream
  #hasBegun = false

  constructor(stream: ServerStream) {
    this.#stream = stream
  }

  /** Nobody writes to the bytes afterwards. */
  send(message: Uint8Array): void {
    const { length } = message
    if (length > COPIED_BYTES_MAX) {
      const prefix = Buffer.allocUnsafe(PREFIX_BYTES)
      writePrefix(prefix, length)
      this.#write([prefix, message])
      return
    }
    const framed = Buffer.allocUnsafe(PREFIX_BYTES + length)
    writePrefix(framed, length)
    framed.set(message, PREFIX_BYTES)
    this.#write(framed)
  }

  endOk(): void {
    if (!this.#hasBegun) this.#stream.respond(200, HEADERS)
    this.#stream.end(OK)
  }

  fail({ code, text }: Status): void {
    const status = statusFields(code, text)
    if (this.#hasBegun) this.#stream.end(status)
    else this.#stream.respond(200, [...HEADERS, ...status], undefined, true)
    this.#hasBegun = true
  }

  #write(bytes: Bytes): void {
    if (this.#hasBegun) this.#stream.write(bytes)
    else this.#stream.respond(200, HEADERS, bytes)
    this.#hasBegun = true
  }
}

/** What never was a call. */
export function refuse(
  stream: ServerStream,
  { code, text }: Status,
  httpStatus: number,
  acceptsEncodings = false,
): void {
  const fields = [...HEADERS, ...statusFields(code, text)]
  if (acceptsEncodings) fields.push(...ACCEPTED_ENCODINGS)
  stream.respond(httpStatus, fields, undefined, true)
}

const statusFields = (code: Status['code'], text: string): HeaderFields => [
  'grpc-status',
  String(grpcNumberOf(code)),
  'grpc-message',
  percentEncoded(text),
]

/** What is printable stays, but '%'. Source: gRPC over HTTP/2, `Status-Message`. */
function percentEncoded(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    encoded += isPlain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
