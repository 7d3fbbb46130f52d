// biome-ignore-all lint/style/noNonNullAssertion: every place is within its array

/** Castagnoli's polynomial, bits reversed. Source: RFC 3720, appendix B.4. */
const POLYNOMIAL = 0x82f63b78

/** So many bytes are taken at once, with a table for each place among them ("slicing by 8"). */
const SLICE_BYTES = 8

/** `TABLES[256 * n + byte]`: what `byte` does to the checksum when `n` more bytes follow it. */
const TABLES = makeTables()

function makeTables(): Int32Array {
  const tables = new Int32Array(256 * SLICE_BYTES)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    tables[byte] = crc
  }
  for (let place = 256; place < tables.length; place++) {
    const before = tables[place - 256] as number
    tables[place] = (before >>> 8) ^ (tables[before & 0xff] as number)
  }
  return tables
}

/**
 * The CRC32C of `bytes`, as an unsigned number. With `previous`, the checksum of what came before,
 * it goes on from there: `crc32c(b, crc32c(a))` is that of `a` followed by `b`.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const t = TABLES
  const { length } = bytes
  const sliced = length - (length % SLICE_BYTES)
  let crc = ~previous
  let i = 0
  for (; i < sliced; i += SLICE_BYTES) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc =
      t[1792 + (crc & 0xff)]! ^
      t[1536 + ((crc >>> 8) & 0xff)]! ^
      t[1280 + ((crc >>> 16) & 0xff)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 0xff]!
  return ~crc >>> 0
}
