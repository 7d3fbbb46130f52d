/**
 * A log is a row of segments, `<number, 16 hex>-<index, 16 hex>.wal`: the index is that of the
 * first entry that was expected when the segment began. A segment is
 *
 *     "MPWAL\0" version(2)
 *     record: metadata        whose log it is
 *     record: hard state      as of the segment's beginning; left out while there is none
 *     records: entries, hard states, snapshot marks …
 *     what the file had before: zeros, or the old records of a recycled segment
 *
 * and a record, all numbers little-endian, padded with zeros to a multiple of 8 bytes:
 *
 *     0  checksum   CRC32C of bytes 4 to the end of the padding
 *     4  previous   the checksum of the record before, also across segments: a chain
 *     8  length     of the body, in bytes
 *     12 synced     so many bytes of this segment were durable when this was written
 *     16 segment    the low half of the segment's number
 *     20 kind(1), entry type(1), zeros(2)
 *     24 body       metadata: nodeId(8) clusterId(8);     hard state: term(8) vote(8) commit(8);
 *                   entry: term(8) index(8) data;         snapshot: term(8) index(8)
 *
 * The checksum of a segment's first record starts from the checksum of the 8 bytes before it, and
 * those of the other records from the first one's: bytes from an earlier life of the file (or
 * inside of somebody's data) are never taken for records.
 *
 * Where a log ends: at the first place X that has no record which goes on with the chain. Either
 * that was all, or what follows was torn by a crash before it was acknowledged, or it was durable
 * and got damaged. `synced` tells: if any later record says that more than X bytes were durable,
 * it is damage. (Damage to the very last write before a crash looks as if it were torn.)
 */

export const VERSION = 1

export const PREFACE_BYTES = 8

export const RECORD_HEADER_BYTES = 24

const MAGIC = 'MPWAL\0'

export const KIND = { metadata: 1, hardState: 2, entry: 3, snapshot: 4 } as const

export const KIND_MAX = 4

export const ENTRY_TYPES = ['EntryNormal', 'EntryConfChange', 'EntryConfChangeV2'] as const

export const HARD_STATE_BYTES = 24

/** Before an entry's data: its term and index. Also a snapshot mark, and the metadata. */
export const PAIR_BYTES = 16

export interface SegmentName {
  /** Counted from 0. */
  readonly number: number
  readonly firstIndex: number
}

const hex16 = (number: number) => number.toString(16).padStart(16, '0')

export function segmentFileName({ number, firstIndex }: SegmentName): string {
  return `${hex16(number)}-${hex16(firstIndex)}.wal`
}

export function parseSegmentFileName(name: string): SegmentName | undefined {
  const [, number, firstIndex] = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/.exec(name) ?? []
  if (number === undefined || firstIndex === undefined) return undefined
  return { number: Number.parseInt(number, 16), firstIndex: Number.parseInt(firstIndex, 16) }
}

export function preface(version = VERSION): Uint8Array {
  const bytes = Buffer.alloc(PREFACE_BYTES)
  bytes.write(MAGIC, 'latin1')
  bytes.writeUInt16LE(version, MAGIC.length)
  return bytes
}

/** Undefined: it is none of ours. */
export function versionOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < PREFACE_BYTES) return undefined
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, PREFACE_BYTES)
  return head.toString('latin1', 0, MAGIC.length) === MAGIC
    ? head.readUInt16LE(MAGIC.length)
    : undefined
}

/** The bytes of a record whose body has so many. */
export function recordBytes(bodyBytes: number): number {
  return (RECORD_HEADER_BYTES + bodyBytes + 7) & ~7
}
