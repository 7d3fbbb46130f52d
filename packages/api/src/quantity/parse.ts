import { quantityDigitsMax } from '../limits.js'

/** How a quantity is written: `1500m` and `2G`, `1536Mi`, or `15e8`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}

const WRONG_FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const WRONG_SUFFIX = "unable to parse quantity's suffix"
const WRONG_NUMBER = 'unable to parse numeric part of quantity'

interface Suffix {
  readonly base: 2 | 10
  readonly exponent: number
  readonly format: QuantityFormat
}

const SUFFIXES = new Map<string, Suffix>()
for (const [index, suffix] of ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].entries())
  SUFFIXES.set(suffix, { base: 10, exponent: (index - 3) * 3, format: 'DecimalSI' })
for (const [index, suffix] of ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].entries())
  SUFFIXES.set(suffix, { base: 2, exponent: (index + 1) * 10, format: 'BinarySI' })

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/

/** No amount is finer than this. */
const FINEST = -9
const LARGEST_BINARY = 2n ** 63n - 1n

/** The amount in a text, rounded up (away from zero) to 10^-9; binary amounts end at 2^63-1. */
export function parseAmount(text: string): {
  mantissa: bigint
  exponent: number
  format: QuantityFormat
} {
  const parts = SHAPE.exec(text)
  if (text === '' || !parts) throw new QuantityError(WRONG_FORMAT)
  const [, sign, whole = '', fraction = '', suffixText = ''] = parts
  const suffix = suffixOf(suffixText)
  // Without a digit it is zero, but for the suffixes that the real server has to calculate with.
  const isHard = suffix.base === 2 ? suffix.exponent >= 50 : suffix.exponent < FINEST
  if (whole === '' && fraction === '' && isHard) throw new QuantityError(WRONG_NUMBER)
  if (whole.length + fraction.length > quantityDigitsMax) throw new QuantityError(WRONG_NUMBER)
  let mantissa = BigInt(whole + fraction)
  let exponent = -fraction.length
  if (suffix.base === 2) mantissa *= 2n ** BigInt(suffix.exponent)
  else exponent += suffix.exponent
  if (mantissa !== 0n && exponent > quantityDigitsMax) throw new QuantityError(WRONG_NUMBER)
  if (exponent < FINEST) {
    mantissa = dividedUp(mantissa, FINEST - exponent)
    exponent = FINEST
  }
  let { format } = suffix
  if (format === 'BinarySI') {
    const one = 10n ** BigInt(-exponent)
    if (mantissa > LARGEST_BINARY * one) {
      mantissa = LARGEST_BINARY
      exponent = 0
    } else if (mantissa < one) format = 'DecimalSI'
  }
  return { mantissa: sign === '-' ? -mantissa : mantissa, exponent, format }
}

/** Digits that surely fit an int64, and those that a binary suffix leaves room for. */
const DECIMAL_DIGITS = 18
const BINARY_DIGITS = 14

/**
 * Whether the real server keeps a valid text as it is: also a sign, zeros in front, and a fraction
 * of whole thousandths, as long as the number is short.
 */
export function isKeptAsWritten(text: string): boolean {
  const [, , before = '', fraction, suffixText = ''] = SHAPE.exec(text) ?? []
  const whole = before.replace(/^0+/, '') || '0'
  const { base, exponent } = suffixOf(suffixText)
  if (base === 2) {
    if (fraction || whole.length + (exponent * 3) / 10 > BINARY_DIGITS) return false
    return Number(whole) % 8 !== 0
  }
  const digits = whole + (fraction ?? '')
  const scale = exponent - (fraction ?? '').length
  if (digits.length > DECIMAL_DIGITS || scale < FINEST || scale % 3 !== 0) return false
  return !digits.startsWith('0') && !digits.endsWith('000')
}

/** `mantissa / 10^digits`, rounded up. */
function dividedUp(mantissa: bigint, digits: number): bigint {
  if (mantissa === 0n) return 0n
  if (digits > 2 * quantityDigitsMax) return 1n
  const divisor = 10n ** BigInt(digits)
  return (mantissa + divisor - 1n) / divisor
}

function suffixOf(text: string): Suffix {
  const known = SUFFIXES.get(text)
  if (known) return known
  const exponent = /^[eE]([+-]?\d+)$/.exec(text)?.[1]
  if (exponent === undefined) throw new QuantityError(WRONG_SUFFIX)
  return { base: 10, exponent: Number(exponent), format: 'DecimalExponent' }
}
