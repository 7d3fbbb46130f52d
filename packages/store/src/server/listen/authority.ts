/**
 * etcd's clients up to 3.4 say a whole URL as the host they call: `:authority: http://10.0.0.1:2379`.
 * It is no authority, and Node's HTTP/2 refuses the request. So it is made one of the same length,
 * whichever way it is compressed: `http:--10.0.0.1:2379`. Nobody looks at it.
 */

const SLASH = '/'.charCodeAt(0)
const DASH = '-'.charCodeAt(0)
/** Of `:authority` among the names that both sides know. Source: RFC 7541, appendix A. */
const AUTHORITY_INDEX = 1

/** The codes of some characters; those of '/' and '-' have the same length. Source: appendix B. */
const HUFFMAN: Readonly<Record<string, string>> = {
  h: '100111',
  t: '01001',
  p: '101011',
  s: '01000',
  ':': '1011100',
  '/': '011000',
  '-': '010110',
}

const compressed = (text: string): string => [...text].map((one) => HUFFMAN[one]).join('')

const REPLACED = ['http', 'https'].map((scheme) => ({
  from: compressed(`${scheme}://`),
  to: compressed(`${scheme}:--`),
}))

/** Mends the authority in a block of header fields, in place. Source: RFC 7541, section 6. */
export function mendAuthority(block: Buffer): void {
  let at = 0
  while (at < block.length) {
    const first = block[at] as number
    const bits = first & 0x80 ? 7 : first & 0x40 ? 6 : first & 0x20 ? 5 : 4
    const index = readInteger(block, at, bits)
    at = index.end
    // Known with its value, or a new size of the table of those that are.
    if (bits === 7 || bits === 5) continue
    if (index.value === 0) at = readString(block, at).end
    const value = readString(block, at)
    at = value.end
    if (index.value !== AUTHORITY_INDEX) continue
    mendValue(block.subarray(value.start, value.end), value.isCompressed)
    return
  }
}

function mendValue(value: Buffer, isCompressed: boolean): void {
  if (!isCompressed) {
    for (let i = 0; i < value.length; i++) if (value[i] === SLASH) value[i] = DASH
    return
  }
  for (const { from, to } of REPLACED) {
    const length = Math.ceil(from.length / 8)
    const bits = [...value.subarray(0, length)].map((byte) => byte.toString(2).padStart(8, '0'))
    const joined = bits.join('')
    if (!joined.startsWith(from)) continue
    const mended = to + joined.slice(to.length)
    for (let i = 0; i < length; i++) value[i] = Number.parseInt(mended.slice(8 * i, 8 * i + 8), 2)
  }
}

/** Source: RFC 7541, 5.1. Lengths beyond the block end it. */
function readInteger(block: Buffer, at: number, bits: number): { value: number; end: number } {
  const max = (1 << bits) - 1
  let value = (block[at] ?? 0) & max
  let end = at + 1
  if (value < max) return { value, end }
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = block[end++] ?? 0
    value += (byte & 0x7f) << shift
    if ((byte & 0x80) === 0) return { value, end }
  }
  return { value, end: block.length }
}

function readString(block: Buffer, at: number) {
  const isCompressed = ((block[at] ?? 0) & 0x80) !== 0
  const { value: length, end: start } = readInteger(block, at, 7)
  return { isCompressed, start, end: start + length }
}
