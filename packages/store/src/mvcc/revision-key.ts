import type { KeyRevision } from './key-revision.js'

/** After the revision; and at the very end of a tombstone's. */
const SEPARATOR = 0x5f
const TOMBSTONE = 0x74

const TWO_TO_32 = 0x1_0000_0000

/**
 * Under what a record lies in etcd's `key` bucket: revision, `_`, place in the transaction, both as
 * 8 bytes, big endian, and a `t` at the end of a tombstone's. Their order is that of the records.
 */
export function revisionKey({ kv, sub, isTombstone }: KeyRevision): Uint8Array {
  const bytes = Buffer.alloc(isTombstone ? 18 : 17)
  writeUint64(bytes, kv.modRevision, 0)
  bytes[8] = SEPARATOR
  writeUint64(bytes, sub, 9)
  if (isTombstone) bytes[17] = TOMBSTONE
  return bytes
}

function writeUint64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / TWO_TO_32), at)
  bytes.writeUInt32BE(value % TWO_TO_32, at + 4)
}
