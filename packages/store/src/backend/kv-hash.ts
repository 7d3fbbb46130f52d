import { crc32c } from '../checksum/crc32c.js'
import type { YieldTurn } from '../clock.js'
import { StoreError } from '../errors.js'
import type { KeyRevision } from '../mvcc/key-revision.js'
import type { Mvcc } from '../mvcc/mvcc.js'
import { RecordCursor } from './record-entry.js'

const BUCKET_NAME = Buffer.from('key')

const RECORDS_PER_SLICE = 1024

export interface KvHash {
  /** CRC32C. */
  readonly hash: number
  /** -1: never compacted. Only hashes with the same one can be compared. */
  readonly compactRevision: number
  /** Up to which revision. */
  readonly hashRevision: number
}

/**
 * The hash by which members compare their data: of every record up to `revision` (0: the present)
 * as etcd's database has it, in slices. What has to be freed, or could be, does not count: of the
 * records up to the compact revision only those that are still valid at `revision`.
 *
 * Errors: Compacted, FutureRevision. Source: etcd, mvcc/hash.go (3.6), mvcc/kvstore.go (3.4).
 */
export async function hashKv(mvcc: Mvcc, revision: number, yieldTurn: YieldTurn): Promise<KvHash> {
  assertHashable(mvcc, revision)
  const frozen = mvcc.clone()
  try {
    return await hashOf(frozen, revision === 0 ? frozen.revision : revision, yieldTurn)
  } finally {
    frozen.release()
  }
}

function assertHashable(mvcc: Mvcc, requestedRevision: number): void {
  const { revision: currentRevision, compactRevision } = mvcc
  if (requestedRevision > currentRevision) {
    throw new StoreError({ code: 'FutureRevision', requestedRevision, currentRevision })
  }
  if (requestedRevision > 0 && requestedRevision < compactRevision) {
    throw new StoreError({ code: 'Compacted', requestedRevision, compactRevision })
  }
}

async function hashOf(mvcc: Mvcc, hashRevision: number, yieldTurn: YieldTurn): Promise<KvHash> {
  const records = new RecordCursor(hashedPieces(mvcc, hashRevision))
  let entry = Buffer.alloc(4096)
  let hash = crc32c(BUCKET_NAME)
  for (let n = 1; records.next(); n++) {
    const size = records.keySize + records.valueSize
    if (size > entry.length) entry = Buffer.alloc(size)
    records.copyTo(entry, 0)
    hash = crc32c(entry.subarray(0, size), hash)
    if (n % RECORDS_PER_SLICE === 0) await new Promise<void>((resolve) => yieldTurn(resolve))
  }
  return { hash, compactRevision: mvcc.compactRevision, hashRevision }
}

function* hashedPieces(mvcc: Mvcc, hashRevision: number): Iterable<readonly KeyRevision[]> {
  const { compactRevision, index } = mvcc
  // etcd does not ask what is still valid when nothing is.
  const validAt = index.isEmptyAt(hashRevision) ? compactRevision : hashRevision
  for (const piece of mvcc.recordPieces()) {
    yield piece.filter((record) => {
      const { modRevision } = record.kv
      return modRevision > compactRevision
        ? modRevision <= hashRevision
        : isValid(mvcc, record, validAt)
    })
  }
}

/** Whether the record is its key's at `revision`. A tombstone never is. */
function isValid({ index }: Mvcc, record: KeyRevision, revision: number): boolean {
  const { key } = record.kv
  const newest = index.get(key) ?? index.getDead(key)
  return newest?.at(revision) === record
}
