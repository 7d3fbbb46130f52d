/** Where chance comes from: handed in everywhere, so that one seed decides a whole run. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number
  /** `length` bytes; of cryptographic quality where the implementation says so. */
  bytes(length: number): Uint8Array
}

/** Kubernetes' alphabet for generated names: no vowels and no look-alikes, so no words appear. */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** A suffix for generated names, such as the `x7k2p` of `web-x7k2p`. */
export function nameSuffix(random: Random, length = 5): string {
  let suffix = ''
  for (let i = 0; i < length; i++) {
    suffix += NAME_ALPHABET[Math.floor(random.next() * NAME_ALPHABET.length)]
  }
  return suffix
}

const HEX_DIGITS = Buffer.from('0123456789abcdef')
const HYPHEN = 0x2d
const UUID_LENGTH = 36

/** A version 4 UUID (RFC 9562 §5.4). */
export function uuid(random: Random): string {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const text = Buffer.allocUnsafe(UUID_LENGTH)
  let at = 0
  for (let i = 0; i < 16; i++) {
    const byte = bytes[i] as number
    if (i === 4 || i === 6 || i === 8 || i === 10) text[at++] = HYPHEN
    text[at++] = HEX_DIGITS[byte >> 4] as number
    text[at++] = HEX_DIGITS[byte & 0x0f] as number
  }
  return text.toString('latin1')
}
