import { nestingDepthMax } from '../limits.js'
import { setOwn } from './equality.js'
import { isInt64, wholeNumber } from './integer.js'

/**
 * Reads JSON byte by byte as Go's decoder does, for what the engine's parser does not tell: Go's
 * message for a mistake, which keys stand twice, and where, and numbers that a double can't hold.
 */
export function scanJson(bytes: Uint8Array): JsonScan {
  const scanner = new Scanner(bytes)
  const { keyOffsets, literals } = scanner
  try {
    const value = scanner.document()
    return { value, duplicates: scanner.duplicates, keyOffsets, literals }
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    return { value: undefined, duplicates: [], keyOffsets, literals, error: error.message }
  }
}

export interface JsonScan {
  /** Whole numbers are exact (`wholeNumber`), and what a repeated key says is merged. */
  readonly value: unknown
  readonly duplicates: readonly string[]
  /** Where each key's path (`spec.ports[0].name`) first stands, in order of appearance. */
  readonly keyOffsets: ReadonlyMap<string, number>
  /** Numbers as they are written, where reading loses that: `1.0`, `1e3`, or more digits than fit. */
  readonly literals: ReadonlyMap<string, string>
  readonly error?: string
}

class Mistake extends Error {}

const END_OF_INPUT = 'unexpected end of JSON input'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const decoder = new TextDecoder()

class Scanner {
  readonly #duplicates = new Set<string>()
  readonly keyOffsets = new Map<string, number>()
  readonly literals = new Map<string, string>()
  readonly #bytes: Uint8Array
  #position = 0
  #depth = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** In order of appearance. */
  get duplicates(): string[] {
    return [...this.#duplicates]
  }

  document(): unknown {
    const value = this.#value('')
    this.#space()
    if (this.#position < this.#bytes.length) this.#fail('after top-level value')
    return value
  }

  #value(path: string): unknown {
    this.#space()
    const byte = this.#peek()
    if (byte === 0x7b) return this.#nested(() => this.#object(path))
    if (byte === 0x5b) return this.#nested(() => this.#array(path))
    if (byte === QUOTE) return this.#string()
    if (byte === 0x74) return this.#literal('true', true)
    if (byte === 0x66) return this.#literal('false', false)
    if (byte === 0x6e) return this.#literal('null', null)
    if (byte === 0x2d || isDigit(byte)) return this.#numberAt(path)
    return this.#fail('looking for beginning of value')
  }

  #nested(read: () => unknown): unknown {
    if (++this.#depth > nestingDepthMax) throw new Mistake('exceeded max depth')
    this.#position++
    const value = read()
    this.#depth--
    return value
  }

  #object(path: string): Readonly<Record<string, unknown>> {
    const object: Record<string, unknown> = {}
    const seen = new Set<string>()
    this.#space()
    if (this.#peek() === 0x7d) {
      this.#position++
      return object
    }
    for (;;) {
      this.#space()
      if (this.#peek() !== QUOTE) this.#fail('looking for beginning of object key string')
      const offset = this.#position
      const key = this.#string()
      const keyPath = path === '' ? key : `${path}.${key}`
      if (!this.keyOffsets.has(keyPath)) this.keyOffsets.set(keyPath, offset)
      const isRepeated = seen.has(key)
      if (isRepeated) this.#duplicates.add(keyPath)
      seen.add(key)
      this.#space()
      if (this.#peek() !== 0x3a) this.#fail('after object key')
      this.#position++
      const value = this.#value(keyPath)
      setOwn(object, key, isRepeated ? readOver(object[key], value) : value)
      if (this.#isLast(0x7d, 'after object key:value pair')) return object
    }
  }

  #array(path: string): readonly unknown[] {
    const array: unknown[] = []
    this.#space()
    if (this.#peek() === 0x5d) {
      this.#position++
      return array
    }
    for (;;) {
      array.push(this.#value(`${path}[${array.length}]`))
      if (this.#isLast(0x5d, 'after array element')) return array
    }
  }

  #isLast(closing: number, context: string): boolean {
    this.#space()
    const byte = this.#peek()
    if (byte !== closing && byte !== 0x2c) this.#fail(context)
    this.#position++
    return byte === closing
  }

  #string(): string {
    const start = this.#position++
    for (let byte = this.#peek(); byte !== QUOTE; byte = this.#peek()) {
      if (byte === BACKSLASH) this.#escape()
      else if (byte < 0x20) this.#fail('in string literal')
      else this.#position++
    }
    this.#position++
    const text = JSON.parse(decoder.decode(this.#bytes.subarray(start, this.#position))) as string
    return wellFormed(text)
  }

  #escape(): void {
    this.#position++
    if (this.#inToken() !== 0x75) {
      if (!'"\\/bfnrt'.includes(String.fromCharCode(this.#inToken())))
        this.#fail('in string escape code')
      this.#position++
      return
    }
    for (let i = 0; i < 4; i++) {
      this.#position++
      if (!/[0-9a-fA-F]/.test(String.fromCharCode(this.#inToken())))
        this.#fail('in \\u hexadecimal character escape')
    }
    this.#position++
  }

  #literal<T>(word: string, value: T): T {
    for (let i = 0; i < word.length; i++) {
      if (this.#inToken() !== word.charCodeAt(i))
        this.#fail(`in literal ${word} (expecting '${word[i]}')`)
      this.#position++
    }
    return value
  }

  #numberAt(path: string): number | bigint {
    const start = this.#position
    this.#number()
    const literal = decoder.decode(this.#bytes.subarray(start, this.#position))
    const value = numberOf(literal)
    if (String(value) !== literal) this.literals.set(path, literal)
    return value
  }

  #number(): void {
    if (this.#inToken() === 0x2d) {
      this.#position++
      if (!isDigit(this.#inToken())) this.#fail('in numeric literal')
    }
    if (this.#inToken() === 0x30) this.#position++
    else this.#digits()
    if (this.#at() === 0x2e) {
      this.#position++
      if (!isDigit(this.#inToken())) this.#fail('after decimal point in numeric literal')
      this.#digits()
    }
    if (this.#at() === 0x65 || this.#at() === 0x45) {
      this.#position++
      if (this.#inToken() === 0x2b || this.#inToken() === 0x2d) this.#position++
      if (!isDigit(this.#inToken())) this.#fail('in exponent of numeric literal')
      this.#digits()
    }
  }

  #digits(): void {
    while (isDigit(this.#at())) this.#position++
  }

  #space(): void {
    for (;;) {
      const byte = this.#at()
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      this.#position++
    }
  }

  /** 0 at the end, where a number may well stop. */
  #at(): number {
    return this.#bytes[this.#position] ?? 0
  }

  #peek(): number {
    const byte = this.#bytes[this.#position]
    if (byte === undefined) throw new Mistake(END_OF_INPUT)
    return byte
  }

  /** Within a word, a number or an escape: what breaks off there is followed by a space, says Go. */
  #inToken(): number {
    return this.#bytes[this.#position] ?? 0x20
  }

  #fail(context: string): never {
    throw new Mistake(`invalid character ${quotedByte(this.#inToken())} ${context}`)
  }
}

/** What 64 bits can't hold is a double in Go, too. */
function numberOf(literal: string): number | bigint {
  const number = Number(literal)
  if (Number.isSafeInteger(number) || !/^-?\d+$/.test(literal)) return number
  const whole = BigInt(literal)
  return isInt64(whole) ? wholeNumber(whole) : number
}

/** What Go's decoder makes of a value that stands where another was read into already. */
function readOver(before: unknown, value: unknown): unknown {
  if (value === null) return typeof before === 'object' ? null : before
  if (typeof before !== 'object' || before === null || typeof value !== 'object') return value
  if (Array.isArray(before) !== Array.isArray(value)) return value
  if (Array.isArray(before))
    return (value as unknown[]).map((item, i) =>
      i < before.length ? readOver(before[i], item) : item,
    )
  const merged = before as Record<string, unknown>
  for (const [key, one] of Object.entries(value))
    setOwn(merged, key, Object.hasOwn(merged, key) ? readOver(merged[key], one) : one)
  return merged
}

const HALF = /\p{Surrogate}/gu

/** Halves of surrogate pairs replaced, as Go's decoder does: no UTF-8 could hold them. */
const wellFormed = (text: string): string => text.replace(HALF, '\ufffd')

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** Go shows the byte as if it were a character of its own, whatever it is a part of. */
function quotedByte(byte: number): string {
  const character = String.fromCharCode(byte)
  const escapes: Record<string, string> = {
    "'": "\\'",
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\b': '\\b',
    '\f': '\\f',
    '\v': '\\v',
    '\x07': '\\a',
  }
  const escaped = escapes[character]
  if (escaped) return `'${escaped}'`
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`
  if (byte >= 0x80 && (byte <= 0xa0 || byte === 0xad))
    return `'\\u${byte.toString(16).padStart(4, '0')}'`
  return `'${character}'`
}
