import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { BrokenPipe, type Random } from '@miniplane/api'
import { limits } from '../limits.js'

/** A connection whose messages are bytes. */
export interface WebSocketConnection {
  /** The subprotocol that was agreed on. */
  readonly protocol: string
  /** In their order; ends with the connection. Read it once. */
  readonly messages: AsyncIterable<Uint8Array>
  /** Rejects with `BrokenPipe` when the connection is over. */
  send(message: Uint8Array): Promise<void>
  close(): void
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
const FIN = 0x80
const MASKED = 0x80
const NORMAL_CLOSURE = 1000

/** What a client sends with its request, and what it expects in return. */
export function handshake(protocols: readonly string[], random: Random) {
  const key = Buffer.from(random.bytes(16)).toString('base64')
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    'sec-websocket-protocol': protocols.join(', '),
  }
  return {
    headers,
    accept: createHash('sha1')
      .update(key + GUID)
      .digest('base64'),
  }
}

/** The client's end of a WebSocket (RFC 6455), on a socket that was upgraded. */
export class ClientWebSocket implements WebSocketConnection {
  readonly protocol: string
  readonly messages: AsyncIterable<Uint8Array>
  readonly #socket: Duplex
  readonly #random: Random
  #rest: Buffer

  constructor(socket: Duplex, received: Buffer, protocol: string, random: Random) {
    this.protocol = protocol
    this.#socket = socket
    this.#rest = received
    this.#random = random
    // What a connection dies of is nobody's business here: its messages end.
    socket.on('error', () => socket.destroy())
    this.messages = this.#read()
  }

  send(message: Uint8Array): Promise<void> {
    return this.#write(Opcode.binary, message)
  }

  close(): void {
    if (!this.#socket.writable) return
    this.#socket.end(this.#frame(Opcode.close, closeCode()))
    this.#socket.resume()
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    const parts: Buffer[] = []
    let size = 0
    for await (const { opcode, isLast, payload } of this.#frames()) {
      if (opcode === Opcode.close) break
      if (opcode === Opcode.ping) await this.#write(Opcode.pong, payload)
      if (opcode > Opcode.binary) continue
      parts.push(payload)
      size += payload.length
      if (size > limits.responseBytesMax)
        throw new Error('a message is larger than this client takes')
      if (!isLast) continue
      yield Buffer.concat(parts.splice(0))
      size = 0
    }
    this.close()
  }

  async *#frames() {
    for (;;) {
      for (let frame = this.#take(); frame; frame = this.#take()) yield frame
      const bytes = await this.#more()
      if (!bytes) return
      this.#rest = Buffer.concat([this.#rest, bytes])
    }
  }

  #take() {
    const rest = this.#rest
    if (rest.length < 2) return undefined
    const short = (rest[1] as number) & 0x7f
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10
    if (rest.length < headBytes) return undefined
    const length =
      short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2))
    if (length > limits.responseBytesMax)
      throw new Error('a message is larger than this client takes')
    if (rest.length < headBytes + length) return undefined
    const first = rest[0] as number
    this.#rest = rest.subarray(headBytes + length)
    const payload = rest.subarray(headBytes, headBytes + length)
    return { opcode: first & 0x0f, isLast: (first & FIN) !== 0, payload }
  }

  /** The next bytes; undefined when no more come. */
  #more(): Promise<Buffer | undefined> {
    const socket = this.#socket
    return new Promise((resolve) => {
      const done = (bytes?: Buffer) => {
        socket.off('readable', onReadable)
        socket.off('end', onEnd)
        socket.off('close', onEnd)
        resolve(bytes)
      }
      const onEnd = () => done()
      const onReadable = () => {
        const bytes = socket.read() as Buffer | null
        if (bytes) done(bytes)
      }
      socket.on('readable', onReadable)
      socket.on('end', onEnd)
      socket.on('close', onEnd)
      if (socket.destroyed || socket.readableEnded) done()
      else onReadable()
    })
  }

  #write(opcode: number, payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#socket.writable) reject(new BrokenPipe())
      else
        this.#socket.write(this.#frame(opcode, payload), (error) =>
          error ? reject(new BrokenPipe()) : resolve(),
        )
    })
  }

  #frame(opcode: number, payload: Uint8Array): Buffer {
    const mask = Buffer.from(this.#random.bytes(4))
    const { length } = payload
    const short = length < 126 ? length : length < 0x10000 ? 126 : 127
    const head = Buffer.alloc(short < 126 ? 2 : short === 126 ? 4 : 10)
    head[0] = FIN | opcode
    head[1] = MASKED | short
    if (short === 126) head.writeUInt16BE(length, 2)
    if (short === 127) head.writeBigUInt64BE(BigInt(length), 2)
    const masked = Buffer.from(payload)
    for (let i = 0; i < length; i++) masked[i] = (masked[i] as number) ^ (mask[i & 3] as number)
    return Buffer.concat([head, mask, masked])
  }
}

function closeCode(): Buffer {
  const code = Buffer.alloc(2)
  code.writeUInt16BE(NORMAL_CLOSURE)
  return code
}
