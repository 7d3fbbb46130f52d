import type { EntryCursor } from '../bbolt/entries.js'
import type { KeyValue, LeaseId } from '../client/store-client.js'
import type { KeyRevision } from '../mvcc/key-revision.js'

/**
 * How a record of the store lies in etcd's `key` bucket: as a mvccpb.KeyValue under its revision,
 * ```
 * 00000000 0000000d 5f 00000000 00000000        revision 13, '_', place 0 in the transaction
 * 00000000 0000000c 5f 00000000 00000000 74     the same and 't': a tombstone
 * ```
 * Written by hand, since a database has as many as there are records; a test holds it against the
 * message's own codec.
 */
export const REVISION_BYTES = 17
const SEPARATOR = 0x5f
const TOMBSTONE_MARK = 0x74
const SUB_AT = 9
const TWO_TO_32 = 0x1_0000_0000

export interface RecordKey {
  readonly revision: number
  readonly sub: number
  readonly isTombstone: boolean
}

/** Reads what lies between the bounds; undefined: it is none. */
export function readRecordKey(
  from: Buffer,
  start = 0,
  end: number = from.length,
): RecordKey | undefined {
  const size = end - start
  const isTombstone = size === REVISION_BYTES + 1 && from[end - 1] === TOMBSTONE_MARK
  if (size !== REVISION_BYTES && !isTombstone) return undefined
  if (from[start + SUB_AT - 1] !== SEPARATOR) return undefined
  const revision = readUint64BE(from, start)
  const sub = readUint64BE(from, start + SUB_AT)
  if (!Number.isSafeInteger(revision) || !Number.isSafeInteger(sub)) return undefined
  return { revision, sub, isTombstone }
}

export function writeRevision(target: Buffer, at: number, revision: number, sub: number): void {
  writeUint64BE(target, at, revision)
  target[at + SUB_AT - 1] = SEPARATOR
  writeUint64BE(target, at + SUB_AT, sub)
}

/** The records as entries of the bucket. */
export class RecordCursor implements EntryCursor {
  readonly #pieces: Iterator<readonly KeyRevision[]>
  #piece: readonly KeyRevision[] = []
  #place = -1
  #record: KeyRevision | undefined
  keySize = 0
  valueSize = 0

  constructor(pieces: Iterable<readonly KeyRevision[]>) {
    this.#pieces = pieces[Symbol.iterator]()
  }

  next(): boolean {
    this.#place++
    while (this.#place >= this.#piece.length) {
      const { done, value } = this.#pieces.next()
      if (done) return false
      this.#piece = value
      this.#place = 0
    }
    const record = this.#piece[this.#place] as KeyRevision
    this.#record = record
    this.keySize = record.isTombstone ? REVISION_BYTES + 1 : REVISION_BYTES
    this.valueSize = record.isTombstone ? tombstoneSize(record.kv) : sizeOf(record.kv)
    return true
  }

  copyTo(target: Buffer, at: number): void {
    const { kv, sub, isTombstone } = this.#record as KeyRevision
    writeRevision(target, at, kv.modRevision, sub)
    if (isTombstone) target[at + REVISION_BYTES] = TOMBSTONE_MARK
    const afterKey = writeKeyField(target, at + this.keySize, kv.key)
    if (!isTombstone) writeRest(target, afterKey, kv)
  }
}

export const KEY_TAG = 0x0a
export const CREATE_REVISION_TAG = 0x10
export const MOD_REVISION_TAG = 0x18
export const VERSION_TAG = 0x20
export const VALUE_TAG = 0x2a
export const LEASE_TAG = 0x30
const TAG_BYTES = 1

/** Only the key counts. */
const tombstoneSize = ({ key }: KeyValue): number => TAG_BYTES + varintSize(key.length) + key.length

function sizeOf(kv: KeyValue): number {
  const { value, lease } = kv
  return (
    tombstoneSize(kv) +
    TAG_BYTES +
    varintSize(kv.createRevision) +
    TAG_BYTES +
    varintSize(kv.modRevision) +
    TAG_BYTES +
    varintSize(kv.version) +
    (value.length === 0 ? 0 : TAG_BYTES + varintSize(value.length) + value.length) +
    (lease === 0n ? 0 : TAG_BYTES + leaseSize(lease))
  )
}

function writeKeyField(target: Buffer, at: number, key: string): number {
  target[at] = KEY_TAG
  const start = writeVarint(target, at + TAG_BYTES, key.length)
  target.write(key, start, 'latin1')
  return start + key.length
}

function writeRest(target: Buffer, start: number, kv: KeyValue): void {
  let at = writeNumberField(target, start, CREATE_REVISION_TAG, kv.createRevision)
  at = writeNumberField(target, at, MOD_REVISION_TAG, kv.modRevision)
  at = writeNumberField(target, at, VERSION_TAG, kv.version)
  const { value, lease } = kv
  if (value.length > 0) {
    at = writeNumberField(target, at, VALUE_TAG, value.length)
    target.set(value, at)
    at += value.length
  }
  if (lease !== 0n) writeLease(target, at, lease)
}

function writeNumberField(target: Buffer, at: number, tag: number, value: number): number {
  target[at] = tag
  return writeVarint(target, at + TAG_BYTES, value)
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest /= 0x80) size++
  return size
}

function writeVarint(target: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest >= 0x80) {
    target[at++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  target[at++] = rest
  return at
}

/** Seven bits a byte, of the 64 that the id has. */
const leaseSize = (lease: LeaseId): number =>
  Math.ceil(BigInt.asUintN(64, lease).toString(2).length / 7)

function writeLease(target: Buffer, start: number, lease: LeaseId): void {
  let at = start
  target[at++] = LEASE_TAG
  let rest = BigInt.asUintN(64, lease)
  while (rest >= 0x80n) {
    target[at++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  target[at] = Number(rest)
}

function writeUint64BE(target: Buffer, at: number, value: number): void {
  target.writeUInt32BE(Math.floor(value / TWO_TO_32), at)
  target.writeUInt32BE(value % TWO_TO_32, at + 4)
}

const readUint64BE = (from: Buffer, at: number): number =>
  from.readUInt32BE(at) * TWO_TO_32 + from.readUInt32BE(at + 4)
