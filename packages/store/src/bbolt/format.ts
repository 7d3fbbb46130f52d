/**
 * The file format of bbolt, the database in which etcd keeps its state: pages, little-endian.
 * ```
 * page 0, 1   meta: where the root is; the valid one of the higher transaction counts
 * page 2…     freelist, branches and leaves of B+ trees; a large one goes on in the pages after it
 * ```
 * The root tree has an entry for each bucket: its value says where the bucket's own tree is, or
 * holds it when it is small. Source: bbolt's file format, version 2.
 */

export const PAGE_SIZE = 4096
/** Others are read, as a machine with larger pages of memory writes them. */
export const PAGE_SIZE_MIN = 1024
export const PAGE_SIZE_MAX = 65536

export const PAGE_HEADER_BYTES = 16
/** What a leaf or a branch has for each entry before the keys and values. */
export const ELEMENT_BYTES = 16
/** Where a bucket's root is, and its sequence number; in a small one its only leaf follows. */
export const BUCKET_HEADER_BYTES = 16

export const BRANCH_PAGE = 0x01
export const LEAF_PAGE = 0x02
export const META_PAGE = 0x04
export const FREELIST_PAGE = 0x10

/** An element of a leaf whose value is a bucket. */
export const BUCKET_ELEMENT = 0x01

const MAGIC = 0xed0cdaed
const VERSION = 2
const META_BYTES = 64
const CHECKED_META_BYTES = 56
const TWO_TO_32 = 0x1_0000_0000

export interface PageHeader {
  readonly id: number
  readonly flags: number
  /** Entries. */
  readonly count: number
  /** Pages that follow and belong to it. */
  readonly overflow: number
}

export interface Meta {
  readonly pageSize: number
  /** The page of the root tree. */
  readonly root: number
  readonly freelist: number
  /** The first page id that was never used. */
  readonly pageCount: number
  readonly transaction: number
}

export function writePageHeader(target: Buffer, at: number, header: PageHeader): void {
  writeUint64(target, at, header.id)
  target.writeUInt16LE(header.flags, at + 8)
  target.writeUInt16LE(header.count, at + 10)
  target.writeUInt32LE(header.overflow, at + 12)
}

export const readPageHeader = (from: Buffer, at: number): PageHeader => ({
  id: readUint64(from, at),
  flags: from.readUInt16LE(at + 8),
  count: from.readUInt16LE(at + 10),
  overflow: from.readUInt32LE(at + 12),
})

/** Behind a page's header. */
export function writeMeta(target: Buffer, at: number, meta: Meta): void {
  target.writeUInt32LE(MAGIC, at)
  target.writeUInt32LE(VERSION, at + 4)
  target.writeUInt32LE(meta.pageSize, at + 8)
  writeUint64(target, at + 16, meta.root)
  writeUint64(target, at + 32, meta.freelist)
  writeUint64(target, at + 40, meta.pageCount)
  writeUint64(target, at + 48, meta.transaction)
  const checked = target.subarray(at, at + CHECKED_META_BYTES)
  target.writeBigUInt64LE(fnv64a(checked), at + CHECKED_META_BYTES)
}

/** Answers what is wrong with it when it can't be used. */
export function readMeta(from: Buffer, at: number): Meta | string {
  if (at + META_BYTES > from.length) return 'the file ends before it'
  const magic = from.readUInt32LE(at)
  if (magic !== MAGIC) return `it begins with ${hex(magic)} and not with ${hex(MAGIC)}`
  const version = from.readUInt32LE(at + 4)
  if (version !== VERSION) return `version ${version} is not known, only ${VERSION} is`
  const found = from.readBigUInt64LE(at + CHECKED_META_BYTES)
  const expected = fnv64a(from.subarray(at, at + CHECKED_META_BYTES))
  if (found !== expected) {
    return `its checksum is ${expected.toString(16)}, expected ${found.toString(16)}`
  }
  return {
    pageSize: from.readUInt32LE(at + 8),
    root: readUint64(from, at + 16),
    freelist: readUint64(from, at + 32),
    pageCount: readUint64(from, at + 40),
    transaction: readUint64(from, at + 48),
  }
}

export function writeUint64(target: Buffer, at: number, value: number): void {
  target.writeUInt32LE(value % TWO_TO_32, at)
  target.writeUInt32LE(Math.floor(value / TWO_TO_32), at + 4)
}

/** Rounded beyond 2^53: ids of pages never get there, and what is not one is far out of bounds. */
export const readUint64 = (from: Buffer, at: number): number =>
  from.readUInt32LE(at + 4) * TWO_TO_32 + from.readUInt32LE(at)

const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n

function fnv64a(bytes: Uint8Array): bigint {
  let hash = FNV_OFFSET
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME)
  return hash
}

const hex = (value: number): string => value.toString(16).padStart(8, '0')
