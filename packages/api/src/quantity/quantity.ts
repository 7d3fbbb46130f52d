import { isKeptAsWritten, parseAmount, type QuantityFormat } from './parse.js'

const DECIMAL_SUFFIXES = new Map([
  [-9, 'n'],
  [-6, 'u'],
  [-3, 'm'],
  [0, ''],
  [3, 'k'],
  [6, 'M'],
  [9, 'G'],
  [12, 'T'],
  [15, 'P'],
  [18, 'E'],
])
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/**
 * An exact amount: `mantissa × 10^exponent`, never finer than 10^-9. Immutable. The format is only
 * about printing; two quantities with the same amount are equal.
 */
export class Quantity {
  static readonly zero = new Quantity(0n, 0, 'DecimalSI')

  readonly mantissa: bigint
  readonly exponent: number
  readonly format: QuantityFormat

  constructor(mantissa: bigint, exponent: number, format: QuantityFormat) {
    this.mantissa = mantissa
    this.exponent = mantissa === 0n ? 0 : exponent
    this.format = format
  }

  get isZero(): boolean {
    return this.mantissa === 0n
  }

  /** -1, 0 or 1. */
  sign(): number {
    return this.mantissa > 0n ? 1 : this.mantissa < 0n ? -1 : 0
  }

  /** Negative, zero or positive, as `this` is less than, equal to or greater than `other`. */
  compare(other: Quantity): number {
    const exponent = Math.min(this.exponent, other.exponent)
    const difference = this.#scaled(exponent) - other.#scaled(exponent)
    return difference > 0n ? 1 : difference < 0n ? -1 : 0
  }

  equals(other: Quantity): boolean {
    return this.compare(other) === 0
  }

  /** In this quantity's format; a zero takes the other's. */
  add(other: Quantity): Quantity {
    const exponent = Math.min(this.exponent, other.exponent)
    const format = this.isZero ? other.format : this.format
    return new Quantity(this.#scaled(exponent) + other.#scaled(exponent), exponent, format)
  }

  sub(other: Quantity): Quantity {
    return this.add(other.negate())
  }

  negate(): Quantity {
    return new Quantity(-this.mantissa, this.exponent, this.format)
  }

  multiply(factor: number | bigint): Quantity {
    return new Quantity(this.mantissa * BigInt(factor), this.exponent, this.format)
  }

  /** The least multiple of 10^exponent that is not closer to zero; `-3` rounds up to milli. */
  roundUp(exponent: number): Quantity {
    if (this.exponent >= exponent) return this
    return new Quantity(this.#roundedUp(exponent), exponent, this.format)
  }

  /** Rounded up (away from zero) to a whole number. Exact as long as it is a safe integer. */
  value(): number {
    return Number(this.#roundedUp(0))
  }

  /** Rounded up to thousandths, counted in them. Exact as long as it is a safe integer. */
  milliValue(): number {
    return Number(this.#roundedUp(-3))
  }

  toNumber(): number {
    return Number(`${this.mantissa}e${this.exponent}`)
  }

  /** Whether the amount is a whole number. */
  get isInteger(): boolean {
    return this.exponent >= 0 || this.mantissa % 10n ** BigInt(-this.exponent) === 0n
  }

  /** The canonical form: no fraction, the largest suffix that leaves none. */
  toString(): string {
    if (this.isZero) return '0'
    if (this.format === 'BinarySI' && this.isInteger) {
      const whole = this.#roundedUp(0)
      // Below 1024 there is nothing for a binary suffix to shorten.
      if (whole >= 1024n || whole <= -1024n) return binaryText(whole)
    }
    return this.#decimalText()
  }

  toJSON(): string {
    return this.toString()
  }

  #decimalText(): string {
    let mantissa = this.mantissa
    let exponent = this.exponent
    while (mantissa % 10n === 0n) {
      mantissa /= 10n
      exponent++
    }
    const target = Math.floor(exponent / 3) * 3
    const number = mantissa * 10n ** BigInt(exponent - target)
    if (this.format === 'DecimalExponent') return target === 0 ? `${number}` : `${number}e${target}`
    // The real server prints what has no suffix without one too, and is wrong by its magnitude.
    return `${number}${DECIMAL_SUFFIXES.get(target) ?? ''}`
  }

  #scaled(exponent: number): bigint {
    return this.mantissa * 10n ** BigInt(this.exponent - exponent)
  }

  #roundedUp(exponent: number): bigint {
    if (this.exponent >= exponent) return this.#scaled(exponent)
    const divisor = 10n ** BigInt(exponent - this.exponent)
    const quotient = this.mantissa / divisor
    if (quotient * divisor === this.mantissa) return quotient
    return this.mantissa > 0n ? quotient + 1n : quotient - 1n
  }
}

function binaryText(whole: bigint): string {
  let rest = whole
  let power = 0
  while (rest % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
    rest /= 1024n
    power++
  }
  return `${rest}${BINARY_SUFFIXES[power]}`
}

// What a text means never changes, and a cluster uses few: the last ones that were read.
const known = new Map<string, Quantity>()
const KNOWN_MAX = 512
const KNOWN_LENGTH_MAX = 32

/** Reads a quantity. Throws `QuantityError` with Kubernetes' text. */
export function parseQuantity(amount: string | number): Quantity {
  const text = String(amount)
  const found = known.get(text)
  if (found) return found
  const { mantissa, exponent, format } = parseAmount(text.trim())
  const quantity = new Quantity(mantissa, exponent, format)
  if (known.size === KNOWN_MAX) known.clear()
  if (text.length <= KNOWN_LENGTH_MAX) known.set(text, quantity)
  return quantity
}

/** Whether two texts mean the same amount; texts that are no quantities are equal when identical. */
export function quantityEquals(a: string, b: string): boolean {
  return a === b || parseQuantity(a).equals(parseQuantity(b))
}

/**
 * Most quantities are canonical as they come: few digits, and a suffix that could not be larger.
 * Those need no arithmetic.
 */
const CANONICAL_DECIMAL = /^(?:0|(?:[1-9]\d{0,11}(?<!000))[mkMGT]?)$/
const SMALL_BINARY = /^([1-9]\d{0,5})(?:Ki|Mi|Gi|Ti)$/

/** A quantity as the server keeps what a client wrote: the canonical form, or close enough to it. Throws as `parseQuantity` does. */
export function canonicalQuantity(text: string | number): string {
  if (typeof text === 'string') {
    if (CANONICAL_DECIMAL.test(text)) return text
    const binary = SMALL_BINARY.exec(text)
    if (binary && Number(binary[1]) % 1024 !== 0) return text
  }
  const quantity = parseQuantity(text)
  const written = String(text).trim()
  return isKeptAsWritten(written) ? written : quantity.toString()
}
