import {
  type BucketSource,
  bucketOf,
  bytesOf,
  type Entry,
  orderedBucket,
} from '../bbolt/entries.js'
import type { LeaseState } from '../lease/lessor.js'
import { Membership } from '../membership/membership.js'
import type { Mvcc } from '../mvcc/mvcc.js'
import { Role, User } from '../wire/auth.js'
import { Lease } from '../wire/lease.js'
import { AlarmMember } from '../wire/maintenance.js'
import { confStateToJson } from './conf-state-json.js'
import { REVISION_BYTES, RecordCursor, writeRevision } from './record-entry.js'
import type { AuthState, StateView } from './state.js'

/** The buckets of etcd's database. Source: etcd, server/storage/schema. */
export const BUCKETS = {
  alarms: 'alarm',
  auth: 'auth',
  roles: 'authRoles',
  users: 'authUsers',
  cluster: 'cluster',
  records: 'key',
  leases: 'lease',
  members: 'members',
  removedMembers: 'members_removed',
  meta: 'meta',
} as const

export const AUTH_ENABLED = 'authEnabled'
export const AUTH_REVISION = 'authRevision'

export const META = {
  consistentIndex: 'consistent_index',
  term: 'term',
  confState: 'confState',
  scheduledCompaction: 'scheduledCompactRev',
  finishedCompaction: 'finishedCompactRev',
  storageVersion: 'storageVersion',
} as const

/** The state as etcd's buckets. All of them are there, also when they are empty. */
export function bucketsOf(view: StateView): BucketSource[] {
  const { mvcc, members, removedMemberIds: removedIds, clusterVersion, downgrade } = view
  const membership = Membership.of(members, { removedIds, clusterVersion, downgrade }).toBuckets()
  const texts = (records: ReadonlyMap<string, string>): Entry[] =>
    [...records].map(([key, text]) => [bytesOf(key), Buffer.from(text)])
  return [
    bucketOf(
      BUCKETS.alarms,
      view.alarms.map((alarm) => [AlarmMember.encode(alarm), NOTHING]),
    ),
    bucketOf(BUCKETS.auth, authEntries(view.auth)),
    bucketOf(
      BUCKETS.roles,
      view.auth.roles.map((role) => [Buffer.from(role.name), Role.encode(role)]),
    ),
    bucketOf(
      BUCKETS.users,
      view.auth.users.map((user) => [Buffer.from(user.name), User.encode(user)]),
    ),
    bucketOf(BUCKETS.cluster, texts(membership.cluster)),
    { name: BUCKETS.records, entries: () => new RecordCursor(mvcc.recordPieces()) },
    orderedBucket(BUCKETS.leases, inOrderOfBytes(view.leases), leaseEntry),
    bucketOf(BUCKETS.members, texts(membership.members)),
    bucketOf(BUCKETS.removedMembers, texts(membership.members_removed)),
    bucketOf(BUCKETS.meta, metaEntries(view)),
  ]
}

function authEntries({ isEnabled, revision }: AuthState): Entry[] {
  const entries: Entry[] = []
  if (isEnabled) entries.push([bytesOf(AUTH_ENABLED), Uint8Array.of(1)])
  if (revision > 0) entries.push([bytesOf(AUTH_REVISION), uint64(revision)])
  return entries
}

/** Ids come in their order; as bytes, those below 0 are the larger ones. */
function inOrderOfBytes(leases: readonly LeaseState[]): readonly LeaseState[] {
  const negative = leases.findIndex(({ id }) => id >= 0n)
  if (negative <= 0) return leases
  return [...leases.slice(negative), ...leases.slice(0, negative)]
}

function leaseEntry({ id, ttlSeconds: ttl, remainingTtlSeconds: remainingTtl }: LeaseState): Entry {
  const key = Buffer.alloc(8)
  key.writeBigInt64BE(id)
  return [key, Lease.encode({ id, ttl, remainingTtl })]
}

function metaEntries({ mvcc, appliedIndex, appliedTerm, confState }: StateView): Entry[] {
  const entries: Entry[] = [
    [bytesOf(META.consistentIndex), uint64(appliedIndex)],
    [bytesOf(META.term), uint64(appliedTerm)],
  ]
  if (confState !== undefined) {
    entries.push([bytesOf(META.confState), Buffer.from(confStateToJson(confState))])
  }
  return [...entries, ...compactionEntries(mvcc)]
}

/** A compaction that is not finished is gone on with by whoever opens the database. */
function compactionEntries({ compactRevision, isCompacted }: Mvcc): Entry[] {
  if (compactRevision <= 0) return []
  const revision = Buffer.alloc(REVISION_BYTES)
  writeRevision(revision, 0, compactRevision, 0)
  const scheduled: Entry = [bytesOf(META.scheduledCompaction), revision]
  return isCompacted ? [scheduled, [bytesOf(META.finishedCompaction), revision]] : [scheduled]
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

const NOTHING = new Uint8Array(0)
