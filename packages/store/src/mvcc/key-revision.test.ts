import { expect, it } from 'vitest'
import { Mvcc } from './mvcc.js'

/** The chain of `key`, newest first; a tombstone has a dagger. */
function chainOf(mvcc: Mvcc, key: string): string {
  const revisions: string[] = []
  let record = mvcc.index.get(key) ?? mvcc.index.getDead(key)
  for (; record !== undefined; record = record.previous) {
    revisions.push(`${record.kv.modRevision}${record.isTombstone ? '†' : ''}`)
  }
  return revisions.join(' → ')
}

/** The life of a key as key-revision.ts tells it; other keys take the revisions between. */
function liveALife(until: number): Mvcc {
  const mvcc = new Mvcc()
  for (let revision = 2; revision <= until; revision++) {
    const record = mvcc.index.get('k')
    if ([2, 5, 9].includes(revision)) mvcc.put('k', new Uint8Array(0), 0n)
    else if (revision === 7 && record !== undefined) mvcc.delete(record)
    else mvcc.put('other', new Uint8Array(0), 0n)
    mvcc.commit()
  }
  return mvcc
}

it('a key’s records form a chain', () => {
  expect(chainOf(liveALife(9), 'k')).toBe('9 → 7† → 5 → 2')
})

it.each([
  [5, '9 → 7† → 5'],
  [6, '9 → 7† → 5'],
  [7, '9 → 7†'],
  [8, '9 → 7†'],
  [9, '9'],
])('compact(%i) leaves %s', (revision, left) => {
  const mvcc = liveALife(9)
  mvcc.compact(revision)
  expect(mvcc.compactSlice(100)).toBe(true)
  expect(chainOf(mvcc, 'k')).toBe(left)
})

it.each([
  [7, '7†'],
  [8, ''],
])('without the second generation compact(%i) leaves "%s"', (revision, left) => {
  const mvcc = liveALife(8)
  mvcc.compact(revision)
  expect(mvcc.compactSlice(100)).toBe(true)
  expect(chainOf(mvcc, 'k')).toBe(left)
})
