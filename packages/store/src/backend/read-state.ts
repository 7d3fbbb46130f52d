import { CorruptDatabase } from '../bbolt/corrupt-database.js'
import { type Database, type Leaf, readDatabase } from '../bbolt/read-database.js'
import { turn } from '../bbolt/write-database.js'
import { eventLoopTurn, type YieldTurn } from '../clock.js'
import type { LeaseState } from '../lease/lessor.js'
import { Membership } from '../membership/membership.js'
import type { Mvcc } from '../mvcc/mvcc.js'
import { MvccLoader } from '../mvcc/mvcc-loader.js'
import { Role, User } from '../wire/auth.js'
import { Lease } from '../wire/lease.js'
import { AlarmMember } from '../wire/maintenance.js'
import { confStateFromJson } from './conf-state-json.js'
import { KeyValueReader } from './key-value-reader.js'
import { type RecordKey, readRecordKey } from './record-entry.js'
import { AUTH_ENABLED, AUTH_REVISION, BUCKETS, META } from './schema.js'
import type { AuthState, LoadedState } from './state.js'

/** Read before others may run. */
const RECORDS_PER_SLICE = 2000

/** etcd's first revision, of an empty store. */
const FIRST_REVISION = 1

export interface ReadStateOptions {
  /**
   * How far the revision jumps ahead, so that nobody takes what was written after a backup was made
   * for what is written after it was restored. Everything before counts as compacted. Default: 0.
   */
  readonly revisionBump?: number | undefined
}

/**
 * The state that a database of etcd's, or ours, holds. What follows the database in `bytes` (its
 * hash) is ignored. Values are views of `bytes`. Rejects with a `CorruptDatabase` that says what
 * can't be read.
 */
export async function readState(
  bytes: Uint8Array,
  yieldTurn: YieldTurn = eventLoopTurn,
  options: ReadStateOptions = {},
): Promise<LoadedState> {
  const database = readDatabase(bytes)
  const meta = textsOf(database, BUCKETS.meta)
  const membership = reading(BUCKETS.members, () => readMembership(database))
  const confState = meta.get(META.confState)
  return {
    mvcc: boundedBy(await readRecords(database, yieldTurn), compactRevisionOf(meta), options),
    leases: valuesOf(database, BUCKETS.leases, readLease),
    alarms: [...database.entries(BUCKETS.alarms)].map(([key]) =>
      reading(BUCKETS.alarms, () => AlarmMember.decode(key)),
    ),
    auth: readAuth(database),
    members: membership.members,
    removedMemberIds: membership.removedIds,
    clusterVersion: membership.clusterVersion,
    downgrade: membership.downgrade.enabled ? membership.downgrade : undefined,
    appliedIndex: numberOf(meta, META.consistentIndex),
    appliedTerm: numberOf(meta, META.term),
    confState:
      confState && reading(META.confState, () => confStateFromJson(confState.toString('utf8'))),
  }
}

interface Records {
  readonly loader: MvccLoader
  readonly lastRevision: number
}

async function readRecords(database: Database, yieldTurn: YieldTurn): Promise<Records> {
  const loader = new MvccLoader()
  const reader = new KeyValueReader()
  let lastRevision = FIRST_REVISION
  let untilTurn = RECORDS_PER_SLICE
  for (const leaf of database.leaves(BUCKETS.records)) {
    for (let n = 0; n < leaf.count; n++) {
      const place = readPlace(leaf, n)
      try {
        const kv = reader.read(leaf.bytes, leaf.valueStart(n), leaf.valueEnd(n))
        loader.add({ ...place, kv })
      } catch (cause) {
        throw corrupt(BUCKETS.records, cause)
      }
      lastRevision = place.revision
    }
    untilTurn -= leaf.count
    if (untilTurn > 0) continue
    await turn(yieldTurn)
    untilTurn = RECORDS_PER_SLICE
  }
  return { loader, lastRevision }
}

function boundedBy(
  { loader, lastRevision }: Records,
  compactRevision: number,
  { revisionBump = 0 }: ReadStateOptions,
): Mvcc {
  // What was written last may have been deleted and compacted.
  const revision = Math.max(lastRevision, compactRevision) + revisionBump
  return loader.finish({
    revision,
    compactRevision: revisionBump === 0 ? compactRevision : revision,
  })
}

function readPlace(leaf: Leaf, entry: number): RecordKey {
  const [start, end] = [leaf.keyStart(entry), leaf.valueStart(entry)]
  const place = readRecordKey(leaf.bytes, start, end)
  if (place !== undefined) return place
  throw corrupt(BUCKETS.records, `${leaf.bytes.toString('hex', start, end)} is no revision`)
}

function compactRevisionOf(meta: ReadonlyMap<string, Buffer>): number {
  const revisions = [META.scheduledCompaction, META.finishedCompaction].map((name) => {
    const bytes = meta.get(name)
    if (bytes === undefined) return -1
    const place = readRecordKey(bytes)
    if (place === undefined) throw corrupt(BUCKETS.meta, `${name} is no revision`)
    return place.revision
  })
  return Math.max(...revisions)
}

function readLease(bytes: Uint8Array): LeaseState {
  const { id, ttl, remainingTtl } = Lease.decode(bytes)
  return { id, ttlSeconds: ttl, remainingTtlSeconds: remainingTtl }
}

function readAuth(database: Database): AuthState {
  const auth = textsOf(database, BUCKETS.auth)
  return {
    isEnabled: auth.get(AUTH_ENABLED)?.[0] === 1,
    revision: numberOf(auth, AUTH_REVISION),
    users: valuesOf(database, BUCKETS.users, (bytes) => User.decode(bytes)),
    roles: valuesOf(database, BUCKETS.roles, (bytes) => Role.decode(bytes)),
  }
}

function readMembership(database: Database): Membership {
  const texts = (bucket: string): Map<string, string> =>
    new Map([...textsOf(database, bucket)].map(([key, value]) => [key, value.toString('utf8')]))
  return Membership.fromBuckets({
    members: texts(BUCKETS.members),
    members_removed: texts(BUCKETS.removedMembers),
    cluster: texts(BUCKETS.cluster),
  })
}

const textsOf = (database: Database, bucket: string): Map<string, Buffer> =>
  new Map([...database.entries(bucket)].map(([key, value]) => [key.toString('latin1'), value]))

const valuesOf = <T>(database: Database, bucket: string, read: (value: Buffer) => T): T[] =>
  [...database.entries(bucket)].map(([, value]) => reading(bucket, () => read(value)))

/** 0: it isn't there. */
function numberOf(bucket: ReadonlyMap<string, Buffer>, name: string): number {
  const bytes = bucket.get(name)
  if (bytes === undefined) return 0
  if (bytes.length !== 8) throw corrupt(name, `${bytes.length} bytes, and not the 8 of a number`)
  return Number(bytes.readBigUInt64BE())
}

function reading<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof CorruptDatabase) throw cause
    throw corrupt(what, cause)
  }
}

function corrupt(what: string, cause: unknown): CorruptDatabase {
  const problem = cause instanceof Error ? cause.message : String(cause)
  return new CorruptDatabase(`${what} in the database can't be read: ${problem}`, { cause })
}
