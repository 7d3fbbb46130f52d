import { crc32c } from '../checksum/crc32c.js'
import type { Key } from '../client/key-range.js'
import type { YieldTurn } from '../clock.js'
import { StoreError } from '../errors.js'
import { KeyValue } from '../wire/kv.js'
import type { KeyRevision } from './key-revision.js'
import type { Mvcc } from './mvcc.js'
import { revisionKey } from './revision-key.js'

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
  const { compactRevision } = mvcc
  // etcd does not ask what is still valid when nothing is.
  const validAt = mvcc.index.isEmptyAt(hashRevision) ? compactRevision : hashRevision
  let hash = crc32c(BUCKET_NAME)
  let records = 0
  for (const piece of mvcc.recordPieces()) {
    for (const record of piece) {
      if (record.kv.modRevision > hashRevision) break
      if (record.kv.modRevision <= compactRevision && !isValid(mvcc, record, validAt)) continue
      hash = crc32c(storedValue(record), crc32c(revisionKey(record), hash))
    }
    records += piece.length
    if (records < RECORDS_PER_SLICE) continue
    records = 0
    await new Promise<void>((resolve) => yieldTurn(resolve))
  }
  return { hash, compactRevision, hashRevision }
}

/** Whether the record is its key's at `revision`. A tombstone never is. */
function isValid({ index }: Mvcc, record: KeyRevision, revision: number): boolean {
  const { key } = record.kv
  const newest = index.get(key) ?? index.getDead(key)
  return newest?.at(revision) === record
}

/** A tombstone has nothing but its key. */
const storedValue = ({ kv, isTombstone }: KeyRevision): Uint8Array =>
  isTombstone ? KeyValue.encode(tombstone(kv.key)) : KeyValue.encode(kv)

const tombstone = (key: Key): KeyValue => ({
  key,
  createRevision: 0,
  modRevision: 0,
  version: 0,
  value: NOTHING,
  lease: 0n,
})

const NOTHING = new Uint8Array(0)
