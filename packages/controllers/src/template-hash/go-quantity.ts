import type { QuantityFormat } from '@miniplane/api'

/**
 * The private parts of a Go `resource.Quantity` that was parsed from a text. Small numbers are
 * `value × 10^scale`, and the text is kept when it is known to be canonical; others are decimals of
 * any length.
 */
type Parts =
  | { readonly value: bigint; readonly scale: number; readonly text: string }
  | { readonly unscaled: bigint; readonly scale: number }

interface Scanned {
  readonly isNegative: boolean
  /** Digits before the point without leading zeros, but for the one of zero itself. */
  readonly whole: string
  readonly fraction: string
  readonly suffix: string
}

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(.*)$/
/** The smallest exponent that a quantity keeps. */
const NANO = -9
const NANO_DIGITS = 9
/** Digits that surely fit an int64, and those that a binary suffix leaves room for. */
const DECIMAL_DIGITS = 18
const BINARY_DIGITS = 15
const INT64_MAX = 2n ** 63n - 1n
const WORD = 2n ** 64n

const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** What Go prints, field by field and with types, of the quantity that this valid text stands for. */
export function printQuantity(text: string): string {
  if (text === '0' || text === '') return print({ value: 0n, scale: 0, text: '0' }, 'DecimalSI')
  const scanned = scan(text)
  const { exponent, format } = interpret(scanned.suffix)
  const small = asInt64(text, scanned, exponent, format)
  return small ? print(small, format) : printDecimal(scanned, exponent, format)
}

function scan(text: string): Scanned {
  const [, sign, whole = '', fraction = '', suffix = ''] = SHAPE.exec(text) ?? []
  return { isNegative: sign === '-', whole: whole.replace(/^0+/, '') || '0', fraction, suffix }
}

function interpret(suffix: string): { exponent: number; format: QuantityFormat } {
  const decimal = DECIMAL_SUFFIXES.indexOf(suffix)
  if (decimal >= 0) return { exponent: (decimal - 3) * 3, format: 'DecimalSI' }
  const binary = BINARY_SUFFIXES.indexOf(suffix)
  if (binary > 0) return { exponent: binary * 10, format: 'BinarySI' }
  return { exponent: Number(suffix.slice(1)), format: 'DecimalExponent' }
}

/** Undefined when the number has too many digits to be sure of, or is finer than a nano. */
function asInt64(
  text: string,
  { isNegative, whole, fraction }: Scanned,
  exponent: number,
  format: QuantityFormat,
): Parts | undefined {
  const isBinary = format === 'BinarySI'
  // A binary suffix has three digits for each ten bits, as far as single precision counts them.
  const precision = isBinary
    ? fraction === ''
      ? BINARY_DIGITS - whole.length - Math.trunc(Math.fround(exponent * 3) / 10) - 1
      : -1
    : DECIMAL_DIGITS - whole.length - fraction.length
  const scale = (isBinary ? 0 : exponent) - fraction.length
  if (precision < 0 || scale < NANO) return undefined
  const digits = whole + fraction
  const value = BigInt(digits)
  const isCanonical = isBinary
    ? (value & 7n) !== 0n
    : scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
  const scaled = isBinary ? value << BigInt(exponent) : value
  if (scaled > INT64_MAX) return undefined
  return { value: isNegative ? -scaled : scaled, scale, text: isCanonical ? text : '' }
}

function printDecimal(
  { isNegative, whole, fraction }: Scanned,
  exponent: number,
  format: QuantityFormat,
): string {
  let unscaled = BigInt(whole + fraction)
  let scale = fraction.length
  if (format === 'BinarySI') unscaled <<= BigInt(exponent)
  else scale -= exponent
  if (unscaled !== 0n) {
    unscaled = roundedUp(unscaled, scale)
    scale = NANO_DIGITS
  }
  const one = 10n ** BigInt(NANO_DIGITS)
  let printedAs = format
  if (format === 'BinarySI' && scale === NANO_DIGITS) {
    if (unscaled > INT64_MAX * one) {
      unscaled = INT64_MAX
      scale = 0
    } else if (unscaled > 0n && unscaled < one) printedAs = 'DecimalSI'
  }
  return print({ unscaled: isNegative ? -unscaled : unscaled, scale }, printedAs)
}

/** `unscaled × 10^-scale` in nanos, away from zero. */
function roundedUp(unscaled: bigint, scale: number): bigint {
  if (scale <= NANO_DIGITS) return unscaled * 10n ** BigInt(NANO_DIGITS - scale)
  const divisor = 10n ** BigInt(scale - NANO_DIGITS)
  return (unscaled + divisor - 1n) / divisor
}

function print(parts: Parts, format: QuantityFormat): string {
  const isSmall = 'value' in parts
  const int64 = isSmall ? parts : { value: 0n, scale: 0, text: '' }
  const decimal = isSmall ? '<nil>' : printDec(parts.unscaled, parts.scale)
  return (
    `{i:(resource.int64Amount){value:(int64)${int64.value} scale:(resource.Scale)${int64.scale}}` +
    ` d:(resource.infDecAmount){Dec:(*inf.Dec)${decimal}}` +
    ` s:(string)${int64.text} Format:(resource.Format)${format}}`
  )
}

function printDec(unscaled: bigint, scale: number): string {
  const isNegative = unscaled < 0n
  const words: bigint[] = []
  for (let rest = isNegative ? -unscaled : unscaled; rest > 0n; rest /= WORD)
    words.push(rest % WORD)
  const abs = words.length === 0 ? '<nil>' : `[${words.join(' ')}]`
  return `{unscaled:(big.Int){neg:(bool)${isNegative} abs:(big.nat)${abs}} scale:(inf.Scale)${scale}}`
}
