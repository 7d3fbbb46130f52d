import { isSingleKey, upperBound } from '../client/key-range.js'
import type { KeyValue, RangeRequest, RangeResponse } from '../client/store-client.js'
import { type KeyRevision, withoutValue } from './key-revision.js'
import type { Mvcc } from './mvcc.js'

/** Reads a range; `revision` must be readable (`assertReadable`). Source: etcd v3 API, Range. */
export function range(mvcc: Mvcc, request: RangeRequest): RangeResponse {
  const header = { revision: mvcc.openRevision }
  const limit = request.limit ?? 0
  const sorts = request.sortOrder !== undefined && request.sortOrder !== 'none'
  const filters = hasFilters(request)
  // What is sorted or filtered has to be complete first.
  const fetchMax = limit > 0 && !sorts && !filters ? limit + 1 : Number.POSITIVE_INFINITY
  const { records, count } = fetch(mvcc, request, fetchMax)
  if (request.countOnly) return { header, kvs: [], more: false, count }

  let kvs: KeyValue[] = []
  for (const { kv } of records) if (!filters || passes(kv, request)) kvs.push(kv)
  sort(kvs, request)
  const more = limit > 0 && kvs.length > limit
  if (more) kvs.length = limit
  if (request.keysOnly) kvs = kvs.map(withoutValue)
  return { header, kvs, more, count }
}

interface Fetched {
  readonly records: readonly KeyRevision[]
  readonly count: number
}

const NOTHING: Fetched = { records: [], count: 0 }

/** The first `max` records of the range, and how many there are in all. */
function fetch(mvcc: Mvcc, request: RangeRequest, max: number): Fetched {
  const { index } = mvcc
  const revision = request.revision ?? 0
  const isPast = revision > 0 && revision < mvcc.openRevision
  if (isSingleKey(request)) {
    const newest = index.get(request.key) ?? (isPast ? index.getDead(request.key) : undefined)
    const record = isPast ? newest?.at(revision) : newest
    return record === undefined ? NOTHING : { records: [record], count: 1 }
  }
  const high = upperBound(request)
  const records = request.countOnly
    ? []
    : isPast
      ? index.rangeAt(request.key, high, revision, max)
      : index.range(request.key, high, max)
  if (!request.countOnly && records.length < max) return { records, count: records.length }
  const count = isPast ? mvcc.countAt(request.key, high, revision) : index.count(request.key, high)
  return { records, count }
}

const hasFilters = (request: RangeRequest): boolean =>
  Boolean(
    request.minModRevision ||
      request.maxModRevision ||
      request.minCreateRevision ||
      request.maxCreateRevision,
  )

function passes(kv: KeyValue, request: RangeRequest): boolean {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request
  if (maxModRevision && kv.modRevision > maxModRevision) return false
  if (minModRevision && kv.modRevision < minModRevision) return false
  if (maxCreateRevision && kv.createRevision > maxCreateRevision) return false
  return !(minCreateRevision && kv.createRevision < minCreateRevision)
}

/** `kvs` come ascending by key, and equal ones keep that order. */
function sort(kvs: KeyValue[], { sortOrder, sortTarget = 'key' }: RangeRequest): void {
  const descends = sortOrder === 'descend'
  if (sortTarget === 'key') {
    if (descends) kvs.reverse()
    return
  }
  const order = ordering[sortTarget]
  kvs.sort(descends ? (a, b) => order(b, a) : order)
}

const ordering = {
  version: (a: KeyValue, b: KeyValue) => a.version - b.version,
  create: (a: KeyValue, b: KeyValue) => a.createRevision - b.createRevision,
  mod: (a: KeyValue, b: KeyValue) => a.modRevision - b.modRevision,
  value: (a: KeyValue, b: KeyValue) => Buffer.compare(a.value, b.value),
}
