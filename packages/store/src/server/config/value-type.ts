import { checkUrls } from '../../membership/urls.js'

/** How a flag's value is read and shown. `parse` throws an `Error` with the words of Go's flag package. */
export interface ValueType<Value> {
  parse(text: string): Value
  print(value: Value): string
  /** `--flag` alone means true, and `--flag value` does not take the value. */
  readonly isBoolean?: boolean
  /** A number in a YAML file, where that is not what its digits mean on the command line. */
  fromNumber?(value: number): Value
}

export const string: ValueType<string> = { parse: (text) => text, print: (value) => value }

const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false])),
}

export const boolean: ValueType<boolean> = {
  isBoolean: true,
  parse(text) {
    const value = BOOLEANS[text]
    if (value === undefined) throw new Error('parse error')
    return value
  },
  print: String,
}

const DIGITS = /^([+-]?)(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9]\d*|0)$/

/** A whole number in Go's notations. Beyond 2^53 it would not be the one that was written. */
const wholeNumber = (min: number, max: number): ValueType<number> => ({
  parse(text) {
    const [, sign, digits] =
      DIGITS.exec(text.replaceAll(/(?<=[\da-fA-F])_(?=[\da-fA-F])/g, '')) ?? []
    if (digits === undefined || (sign !== '' && min === 0)) throw new Error('parse error')
    const magnitude = Number(digits.replace(/^0(?=[0-7])/, '0o'))
    const value = sign === '-' ? -magnitude : magnitude
    if (value < min || value > max) throw new Error('value out of range')
    return value
  },
  print: String,
})

export const int = wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
export const uint = wholeNumber(0, Number.MAX_SAFE_INTEGER)
export const uint32 = wholeNumber(0, 0xffffffff)

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Go's notation (`1h30m`, `250ms`), in milliseconds; undefined when it is not that. */
export function parseDuration(text: string): number | undefined {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/.exec(text) ?? []
  if (rest === '0') return 0
  let milliseconds = 0
  let read = 0
  for (const [part, amount, unit = ''] of rest.matchAll(
    /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    milliseconds += Number(amount) * (UNIT_MS[unit] ?? 0)
    read += part.length
  }
  if (read === 0 || read !== rest.length) return undefined
  return sign === '-' ? -milliseconds : milliseconds
}

/** As Go prints it: `1h30m0s`, `100ms`. */
export function printDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${printDuration(-milliseconds)}`
  if (milliseconds === 0) return '0s'
  if (milliseconds < 1000) return `${milliseconds}ms`
  const seconds = (milliseconds % 60_000) / 1000
  const minutes = Math.floor(milliseconds / 60_000)
  if (minutes === 0) return `${seconds}s`
  if (minutes < 60) return `${minutes}m${seconds}s`
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}s`
}

/** In milliseconds. */
export const duration: ValueType<number> = {
  parse(text) {
    const value = parseDuration(text)
    if (value === undefined) throw new Error('parse error')
    return value
  },
  print: printDuration,
  // Go's JSON has durations in nanoseconds.
  fromNumber: (value) => value / 1e6,
}

/** Separated by commas; empty for the empty text. */
export const strings: ValueType<readonly string[]> = {
  parse: (text) => (text === '' ? [] : text.split(',')),
  print: (values) => values.join(','),
}

/** Where something listens or can be reached: etcd's URLs have a scheme, a host, a port, no path. */
export const urls: ValueType<readonly string[]> = {
  parse: (text) => (text === '' ? [] : checkUrls(text.split(','))),
  print: (values) => values.join(','),
}

/** One of a few words. */
export const oneOf = <Word extends string>(...words: readonly Word[]): ValueType<Word> => ({
  parse(text) {
    const word = words.find((one) => one === text)
    if (word === undefined) throw new Error('invalid value')
    return word
  },
  print: (value) => value,
})
