import { nestingDepthMax } from '../limits.js'
import { scanJson } from './scan.js'

/** Bytes that are no JSON; the message is the one of Go's decoder. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
}

export interface ParsedJson {
  readonly value: unknown
  /**
   * Paths of keys that stand more than once in one object, such as `data.k` or
   * `spec.ports[0].name`, in order of appearance. Objects are merged; else the last value counts.
   */
  readonly duplicates: readonly string[]
  /** By path, the numbers whose value does not tell how they were written; looked for with the keys. */
  readonly literals?: ReadonlyMap<string, string>
}

// A byte order mark is not part of JSON, so it must reach the parser and fail there.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Reads one JSON value as Go's decoder does. Two measures of the text tell whether the engine's
 * parser read the same; only where it did not is the text read again, a byte at a time. Duplicate
 * keys are told when asked for. Throws `JsonSyntaxError`.
 */
export function parseJson(
  input: Uint8Array | string,
  options: { readonly findDuplicates?: boolean } = {},
): ParsedJson {
  const text = typeof input === 'string' ? input : decoder.decode(input)
  const value = parseText(text, input)
  const { keys, depth, hasOddNumber } = measure(text)
  if (depth > nestingDepthMax) throw new JsonSyntaxError('exceeded max depth')
  const isPlain = !hasOddNumber && !HALF_ESCAPED.test(text) && keys === keysIn(value)
  if (isPlain) return { value, duplicates: [] }
  const { duplicates, literals, value: exact } = scanJson(bytesOf(input))
  return options.findDuplicates
    ? { value: exact, duplicates, literals }
    : { value: exact, duplicates: [] }
}

/** The same of a text without faults or repetitions, such as one that an encoder wrote. */
export function parseEncodedJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? scanJson(bytesOf(text)).value : JSON.parse(text)
}

/** More digits than a double keeps for sure, where a value may begin. */
const LONG_NUMBER = /(?:^|[:,[])-?\d{16}/

/** What Go's decoder says of a text that is no JSON; undefined for one that is. */
export function jsonSyntaxError(input: Uint8Array | string): string | undefined {
  return scanJson(bytesOf(input)).error
}

const bytesOf = (input: Uint8Array | string) =>
  typeof input === 'string' ? new TextEncoder().encode(input) : input

function parseText(text: string, input: Uint8Array | string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const { error } = scanJson(bytesOf(input))
    throw new JsonSyntaxError(error ?? (cause as Error).message, { cause })
  }
}

/** Only an escape can say half of a surrogate pair: what came as UTF-8 has none. */
const HALF_ESCAPED = /\\u[dD][89a-fA-F]/

interface Measures {
  readonly keys: number
  readonly depth: number
  /** One with a fraction, an exponent, or more digits than a double keeps. */
  readonly hasOddNumber: boolean
}

const DIGITS_KEPT = 15

/** What a valid JSON text has, by its punctuation alone. */
function measure(text: string): Measures {
  let hasOddNumber = false
  let digits = 0
  let keys = 0
  let open = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x30 && code <= 0x39) {
      if (++digits > DIGITS_KEPT) hasOddNumber = true
      continue
    }
    // A fraction, or an exponent; other letters stand in words.
    if (digits > 0 && (code === 0x2e || code === 0x65 || code === 0x45)) hasOddNumber = true
    digits = 0
    switch (code) {
      case 0x22:
        i = endOfString(text, i)
        break
      case 0x3a:
        keys++
        break
      case 0x7b:
      case 0x5b:
        if (++open > depth) depth = open
        break
      case 0x7d:
      case 0x5d:
        open--
        break
    }
  }
  return { keys, depth, hasOddNumber }
}

/** The position of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(position - 1 - backslashes) === 0x5c) backslashes++
  return backslashes % 2 === 1
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let keys = 0
  if (Array.isArray(value)) {
    for (const item of value) keys += keysIn(item)
    return keys
  }
  for (const key of Object.keys(value)) keys += 1 + keysIn((value as Record<string, unknown>)[key])
  return keys
}
