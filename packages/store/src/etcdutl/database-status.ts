import { readRecordKey } from '../backend/record-entry.js'
import { BUCKETS, META } from '../backend/schema.js'
import type { Database } from '../bbolt/read-database.js'
import { crc32c } from '../checksum/crc32c.js'

export interface DatabaseStatus {
  /** CRC32C of all buckets' names, keys and values. */
  readonly hash: number
  /** Of the last record. */
  readonly revision: number
  /** Of all buckets, whatever they are. */
  readonly totalKey: number
  readonly totalSize: number
  /** Empty: of etcd before 3.6. */
  readonly version: string
}

/** Goes through the whole database, and so checks it. Throws a `CorruptDatabase`. */
export function statusOf(database: Database): DatabaseStatus {
  let hash = 0
  let revision = 0
  let totalKey = 0
  let version = ''
  for (const bucket of database.bucketNames) {
    hash = crc32c(Buffer.from(bucket, 'latin1'), hash)
    for (const [key, value] of database.entries(bucket)) {
      hash = crc32c(value, crc32c(key, hash))
      totalKey++
      if (bucket === BUCKETS.records) revision = readRecordKey(key)?.revision ?? revision
      if (bucket === BUCKETS.meta && key.toString('latin1') === META.storageVersion) {
        version = value.toString('utf8')
      }
    }
  }
  return { hash, revision, totalKey, totalSize: database.sizeBytes, version }
}
