import type { WatchEvent } from '../client/store-client.js'
import type { KeyRevision } from '../mvcc/key-revision.js'
import type { WatcherGroup, WatcherIndex } from './watcher-index.js'

/**
 * Gives every watcher of `index` its part of one transaction, as one batch. Each event is made once
 * and shared by all watchers.
 */
export function fanOut(
  index: WatcherIndex,
  records: readonly KeyRevision[],
  compactRevision: number,
): void {
  const first = records[0]
  if (first === undefined || index.size === 0) return
  const matched: WatcherGroup[] = []
  let touched: WatcherGroup[]
  if (records.length === 1) {
    index.match(first.kv.key, matched)
    collect(matched, first, compactRevision)
    touched = matched
  } else {
    touched = collectAll(index, records, compactRevision)
  }
  const { modRevision: revision } = first.kv
  for (const group of touched) {
    const { events } = group
    if (events === undefined) continue
    group.events = undefined
    const batch = { revision, events }
    for (const watcher of group.watchers) watcher.deliver(batch)
  }
}

function collectAll(
  index: WatcherIndex,
  records: readonly KeyRevision[],
  compactRevision: number,
): WatcherGroup[] {
  const touched = new Set<WatcherGroup>()
  const matched: WatcherGroup[] = []
  for (const record of records) {
    matched.length = 0
    index.match(record.kv.key, matched)
    collect(matched, record, compactRevision)
    for (const group of matched) touched.add(group)
  }
  return [...touched]
}

/** Adds the record's event to each group that wants it. */
function collect(
  groups: readonly WatcherGroup[],
  record: KeyRevision,
  compactRevision: number,
): void {
  const isDelete = record.isTombstone
  let plain: WatchEvent | undefined
  let withPrevious: WatchEvent | undefined
  for (const group of groups) {
    if (group.watchers.size === 0 || (isDelete ? group.noDelete : group.noPut)) continue
    let event: WatchEvent
    if (group.prevKv) {
      withPrevious ??= eventWithPrevious(record, compactRevision)
      event = withPrevious
    } else {
      plain ??= { type: isDelete ? 'delete' : 'put', kv: record.kv }
      event = plain
    }
    if (group.events === undefined) group.events = [event]
    else group.events.push(event)
  }
}

function eventWithPrevious(record: KeyRevision, compactRevision: number): WatchEvent {
  const type = record.isTombstone ? 'delete' : 'put'
  // The state just before is unreadable once compacted; whether it is freed already must not show.
  const prevKv = record.kv.modRevision > compactRevision ? record.prevKv : undefined
  return prevKv === undefined ? { type, kv: record.kv } : { type, kv: record.kv, prevKv }
}
