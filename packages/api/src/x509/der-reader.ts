/** One ASN.1 value in DER (ITU-T X.690). */
export interface DerValue {
  readonly tag: number
  readonly contents: Uint8Array
  /** The value as a whole: tag, length and contents. */
  readonly whole: Uint8Array
}

/** Bytes that are no DER, or end too early. */
export class DerError extends Error {}

/** The values in `bytes`, one after the other. */
export function readAll(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const value = readOne(rest)
    values.push(value)
    rest = rest.subarray(value.whole.length)
  }
  return values
}

/** The first value in `bytes`; its tag must be `tag` when that is given. */
export function readOne(bytes: Uint8Array, tag?: number): DerValue {
  const [length, start] = lengthOf(bytes)
  const end = start + length
  if (end > bytes.length) throw new DerError('a value ends after the data')
  const value = {
    tag: bytes[0] ?? 0,
    contents: bytes.subarray(start, end),
    whole: bytes.subarray(0, end),
  }
  if (tag !== undefined && value.tag !== tag)
    throw new DerError(`a value has the tag ${value.tag}, not ${tag}`)
  return value
}

/** How long the contents are, and where they begin. */
function lengthOf(bytes: Uint8Array): [length: number, start: number] {
  const first = bytes[1]
  if (first === undefined) throw new DerError('a value ends before its length')
  if (first < 0x80) return [first, 2]
  const count = first & 0x7f
  // Nothing that is read here is longer than 2^24.
  if (count === 0 || count > 3 || bytes.length < 2 + count) throw new DerError('a length is wrong')
  let length = 0
  for (const octet of bytes.subarray(2, 2 + count)) length = length * 256 + octet
  return [length, 2 + count]
}

/** In dotted form, such as `2.5.4.3`. */
export function objectIdentifierText({ contents }: DerValue): string {
  const arcs: number[] = []
  let arc = 0
  for (const octet of contents) {
    arc = arc * 128 + (octet & 0x7f)
    if (octet < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [head = 0, ...rest] = arcs
  const first = Math.min(Math.floor(head / 40), 2)
  return [first, head - first * 40, ...rest].join('.')
}
