import { isInt64, wholeNumber } from '../json/integer.js'

// What a plain scalar means in YAML 1.1 as Kubernetes' Go libraries read it. The printer asks the
// same question, to know which strings need quotes.

export type Resolved =
  | { readonly type: 'string' }
  | { readonly type: 'null' }
  | { readonly type: 'merge' }
  /** Looks like a time; values stay strings. */
  | { readonly type: 'timestamp' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: number | bigint }
  | { readonly type: 'float'; readonly value: number }

const WORDS = new Map<string, Resolved>()
const spellings = (word: string) => [
  word,
  (word[0] ?? '').toUpperCase() + word.slice(1),
  word.toUpperCase(),
]
for (const word of ['y', 'yes', 'true', 'on'])
  for (const spelling of spellings(word)) WORDS.set(spelling, { type: 'bool', value: true })
for (const word of ['n', 'no', 'false', 'off'])
  for (const spelling of spellings(word)) WORDS.set(spelling, { type: 'bool', value: false })
for (const word of ['', '~', ...spellings('null')]) WORDS.set(word, { type: 'null' })
for (const word of ['.nan', '.NaN', '.NAN']) WORDS.set(word, { type: 'float', value: Number.NaN })
for (const word of ['.inf', '.Inf', '.INF']) {
  WORDS.set(word, { type: 'float', value: Number.POSITIVE_INFINITY })
  WORDS.set(`+${word}`, { type: 'float', value: Number.POSITIVE_INFINITY })
  WORDS.set(`-${word}`, { type: 'float', value: Number.NEGATIVE_INFINITY })
}
WORDS.set('<<', { type: 'merge' })

const STRING: Resolved = { type: 'string' }
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
/** Octal with or without `o`, as in `0644`; decimal never starts with a zero. */
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/
const TIMESTAMP =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,9})?(?:Z|[-+]\d\d:\d\d)?)?$/

export function resolvePlain(text: string): Resolved {
  const word = WORDS.get(text)
  if (word) return word
  const first = text.charCodeAt(0)
  const startsNumber =
    first === 0x2b || first === 0x2d || first === 0x2e || (first >= 0x30 && first <= 0x39)
  if (!startsNumber) return STRING
  if (first === 0x2e) return FLOAT.test(text) ? { type: 'float', value: Number(text) } : STRING
  if (TIMESTAMP.test(text)) return { type: 'timestamp' }
  const plain = text.replaceAll('_', '')
  const integer = integerOf(plain)
  if (integer !== undefined) return { type: 'int', value: integer }
  return FLOAT.test(plain) ? { type: 'float', value: Number(plain) } : STRING
}

function integerOf(text: string): number | bigint | undefined {
  const parts = INTEGER.exec(text)
  if (!parts) return undefined
  const [, sign, hex, binary, octal, decimal = ''] = parts
  const magnitude = hex
    ? BigInt(`0x${hex}`)
    : binary
      ? BigInt(`0b${binary}`)
      : BigInt(octal ? `0o${octal}` : decimal)
  const value = sign === '-' ? -magnitude : magnitude
  // Past 64 bits, with or without a sign, it is a float in Go.
  return isInt64(value) || value === BigInt.asUintN(64, value) ? wholeNumber(value) : Number(value)
}

const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/** Strings that only stay strings when quoted; `12:30` does too, for the sake of older readers. */
export function needsQuotes(text: string): boolean {
  return resolvePlain(text).type !== 'string' || BASE_60.test(text)
}
