/**
 * Writes ASN.1 values in DER (ITU-T X.690), as far as a certificate needs them. Every function
 * returns a whole value: tag, length, contents.
 */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

export const sequence = (...parts: readonly Uint8Array[]): Buffer =>
  value(TAG.sequence, Buffer.concat(parts))

export const set = (...parts: readonly Uint8Array[]): Buffer => value(TAG.set, Buffer.concat(parts))

export const boolean = (truth: boolean): Buffer =>
  value(TAG.boolean, Buffer.from([truth ? 0xff : 0]))

/** A non-negative integer, given as big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  // The first bit is the sign: a number that begins with a one needs a zero in front.
  const isNegative = ((digits[0] ?? 0) & 0x80) !== 0
  return value(TAG.integer, isNegative ? Buffer.concat([Buffer.of(0), digits]) : digits)
}

/** Whole bytes, of which the last `unusedBits` bits don't count. */
export const bitString = (bytes: Uint8Array, unusedBits = 0): Buffer =>
  value(TAG.bitString, Buffer.concat([Buffer.of(unusedBits), bytes]))

export const octetString = (bytes: Uint8Array): Buffer => value(TAG.octetString, bytes)

export const utf8String = (text: string): Buffer => value(TAG.utf8String, Buffer.from(text, 'utf8'))

/** In dotted form, such as `2.5.4.3`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return value(TAG.objectIdentifier, Buffer.from(bytes))
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function time(ms: number): Buffer {
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')
  const isFarOff = digits >= '2050'
  const text = isFarOff ? digits : digits.slice(2)
  return value(isFarOff ? TAG.generalizedTime : TAG.utcTime, Buffer.from(text, 'latin1'))
}

/** A context-specific value that wraps whole values, such as `[3] EXPLICIT`. */
export const explicit = (number: number, contents: Uint8Array): Buffer =>
  value(0xa0 | number, contents)

/** A context-specific value whose contents stand for themselves, such as `[2] IMPLICIT`. */
export const implicit = (number: number, contents: Uint8Array): Buffer =>
  value(0x80 | number, contents)

function value(tag: number, contents: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag, ...lengthOctets(contents.length)), contents])
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let left = length; left > 0; left >>>= 8) octets.unshift(left & 0xff)
  return [0x80 | octets.length, ...octets]
}
