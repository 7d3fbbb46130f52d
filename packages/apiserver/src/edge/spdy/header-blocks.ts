import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'
import { DICTIONARY } from './dictionary.js'
import { SpdyError } from './frames.js'

/** Names in lower case; several values of one name are joined by NUL. */
export type SpdyHeaders = ReadonlyMap<string, string>

/**
 * Packs and unpacks the header blocks of one connection. Each direction is one stream of zlib from its
 * first block to its last, so blocks have to come in their order, one at a time.
 */
export class HeaderBlocks {
  readonly #bytesMax: number
  readonly #inflate: Packer
  readonly #deflate: Packer

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
    const options = { dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH }
    this.#inflate = new Packer(createInflate(options), bytesMax)
    this.#deflate = new Packer(createDeflate(options), bytesMax)
  }

  /** Rejects with `SpdyError` when it is none, or too large. */
  async unpack(block: Buffer): Promise<SpdyHeaders> {
    if (block.length > this.#bytesMax) throw new SpdyError('a header block that is too large')
    return parse(await this.#inflate.run(block))
  }

  pack(headers: SpdyHeaders): Promise<Buffer> {
    return this.#deflate.run(print(headers))
  }

  close(): void {
    this.#inflate.close()
    this.#deflate.close()
  }
}

/** A stream of zlib that is asked piece by piece. */
class Packer {
  readonly #zlib: Inflate | Deflate
  readonly #bytesMax: number
  #output: Buffer[] = []
  #size = 0
  #fail: ((error: Error) => void) | undefined

  constructor(zlib: Inflate | Deflate, bytesMax: number) {
    this.#zlib = zlib
    this.#bytesMax = bytesMax
    zlib.on('data', (bytes: Buffer) => this.#take(bytes))
    zlib.on('error', (error) => this.#fail?.(new SpdyError(`a header block: ${error.message}`)))
  }

  run(input: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#fail = reject
      this.#output = []
      this.#size = 0
      this.#zlib.write(input, (error) => {
        this.#fail = undefined
        if (!error) resolve(Buffer.concat(this.#output))
      })
    })
  }

  close(): void {
    this.#zlib.close()
  }

  #take(bytes: Buffer): void {
    this.#size += bytes.length
    if (this.#size <= this.#bytesMax) this.#output.push(bytes)
    else this.#fail?.(new SpdyError('a header block that is too large'))
  }
}

function parse(block: Buffer): SpdyHeaders {
  let at = 0
  const number = (): number => {
    if (at + 4 > block.length) throw new SpdyError('a header block that breaks off')
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const text = (): string => {
    const length = number()
    if (at + length > block.length) throw new SpdyError('a header block that breaks off')
    at += length
    return block.toString('utf8', at - length, at)
  }
  const headers = new Map<string, string>()
  const count = number()
  for (let i = 0; i < count; i++) {
    const name = text()
    if (name === '' || headers.has(name)) throw new SpdyError('a header without a name, or twice')
    headers.set(name, text())
  }
  return headers
}

function print(headers: SpdyHeaders): Buffer {
  const parts = [number(headers.size)]
  for (const pair of headers)
    for (const text of pair) {
      const bytes = Buffer.from(text)
      parts.push(number(bytes.length), bytes)
    }
  return Buffer.concat(parts)
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
