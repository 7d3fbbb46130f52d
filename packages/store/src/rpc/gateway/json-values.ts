import { StringDecoder } from 'node:string_decoder'
import { StatusError } from '../status.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const isOpening = (char: number): boolean => char === 0x7b || char === 0x5b
const isClosing = (char: number): boolean => char === 0x7d || char === 0x5d
const isSpace = (char: number): boolean =>
  char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09

/**
 * Cuts a body into the JSON objects that it consists of, as they arrive: a streaming request is
 * objects one after the other. Throws a `StatusError` at what begins no object.
 */
export class JsonValues {
  readonly #decoder = new StringDecoder('utf8')
  readonly #bytesMax: number
  #text = ''
  /** Up to here the text is looked at. */
  #place = 0
  #depth = 0
  #isInString = false
  #isEscaped = false

  /** No object may be longer than `bytesMax` characters. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The objects that end in this chunk. Who wants no more of them leaves the loop. */
  *push(chunk: Buffer): Iterable<unknown> {
    this.#text += this.#decoder.write(chunk)
    for (let end = this.#endOfNext(); end > 0; end = this.#endOfNext()) {
      const text = this.#text.slice(0, end)
      this.#text = this.#text.slice(end)
      this.#place = 0
      yield parse(text)
    }
    if (this.#text.length > this.#bytesMax) throw tooLarge(this.#text.length, this.#bytesMax)
  }

  /** Throws when the body ends within an object. */
  end(): void {
    if (this.#text.trim() !== '') throw new StatusError('InvalidArgument', 'unexpected EOF')
  }

  /** Where the first object of the text ends; 0 when that has not come yet. */
  #endOfNext(): number {
    for (; this.#place < this.#text.length; this.#place++) {
      const char = this.#text.charCodeAt(this.#place)
      if (this.#isInString) this.#stepInString(char)
      else if (char === QUOTE && this.#depth > 0) this.#isInString = true
      else if (isOpening(char)) this.#depth++
      else if (this.#depth === 0 && !isSpace(char)) throw noObject(this.#text[this.#place])
      else if (isClosing(char) && --this.#depth === 0) return this.#place + 1
    }
    return 0
  }

  #stepInString(char: number): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (char === BACKSLASH) this.#isEscaped = true
    else if (char === QUOTE) this.#isInString = false
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StatusError('InvalidArgument', error instanceof Error ? error.message : String(error))
  }
}

const noObject = (char = ''): StatusError =>
  new StatusError('InvalidArgument', `invalid character '${char}' looking for beginning of value`)

export const tooLarge = (bytes: number, bytesMax: number): StatusError =>
  new StatusError(
    'ResourceExhausted',
    `grpc: received message larger than max (${bytes} vs. ${bytesMax})`,
  )
