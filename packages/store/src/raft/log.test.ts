import { describe, expect, it } from 'vitest'
import { RaftLog } from './log.js'
import type { Entry } from './types.js'

const entry = (index: number, term: number): Entry => ({
  type: 'EntryNormal',
  index,
  term,
  data: new Uint8Array(10),
})

/** A log whose entries have these terms. */
function logOf(terms: readonly number[], { commit = 0 } = {}): RaftLog {
  const entries = terms.map((term, i) => entry(i + 1, term))
  return new RaftLog({ snapshot: { index: 0, term: 0 }, entries, commit, applied: 0 })
}

const termsOf = (log: RaftLog): (number | undefined)[] =>
  Array.from({ length: log.lastIndex }, (_, i) => log.termOf(i + 1))

describe('appending as a follower (paper, 5.3)', () => {
  it.each<[string, number[], [number, number], number[], number | undefined, number[]]>([
    ['what comes next', [1, 1], [2, 1], [2, 2], 4, [1, 1, 2, 2]],
    ['what is there already changes nothing', [1, 1, 1], [1, 1], [1], 2, [1, 1, 1]],
    ['a conflict replaces it and all that follows', [1, 2, 2, 2], [1, 1], [3], 2, [1, 3]],
    ['nothing, if what comes before differs', [1, 2], [2, 1], [1], undefined, [1, 2]],
    ['nothing, if what comes before is missing', [1], [3, 1], [1], undefined, [1]],
  ])('%s', (_, terms, [previous, previousTerm], added, expected, after) => {
    const log = logOf(terms)
    const entries = added.map((term, i) => entry(previous + i + 1, term))
    expect(log.appendAfter(previous, previousTerm, entries)).toBe(expected)
    expect(termsOf(log)).toEqual(after)
  })

  it('a committed entry is never replaced: that would be a bug, or a lost disk', () => {
    const log = logOf([1, 1], { commit: 2 })
    expect(() => log.appendAfter(1, 1, [entry(2, 2)])).toThrow('conflicts with a committed one')
    expect(() => log.commitTo(3)).toThrow('was the log lost')
  })
})

describe('what the disk has', () => {
  it('entries replaced while they were being written are written again', () => {
    const log = logOf([1])
    log.appendAfter(1, 1, [entry(2, 1), entry(3, 1)])
    expect(log.takeUnstable().map(({ index }) => index)).toEqual([2, 3])
    log.appendAfter(2, 1, [entry(3, 2)])
    log.written()
    expect(log.stable).toBe(2)
    expect(log.takeUnstable()).toEqual([entry(3, 2)])
  })
})

describe('where two logs may still agree', () => {
  it.each<[number[], number, number, { index: number; term: number }]>([
    [[1, 3, 3, 3, 5, 5, 5], 7, 4, { index: 4, term: 3 }],
    [[1, 2, 2, 3], 4, 3, { index: 4, term: 3 }],
    [[4, 4, 4], 3, 2, { index: 0, term: 0 }],
  ])('%j: up to %i, of terms up to %i', (terms, index, term, expected) => {
    expect(logOf(terms).lastAgreement(index, term)).toEqual(expected)
  })
})

describe('compaction (paper, 7)', () => {
  it('keeps the term of the last entry it forgets, and what comes after', () => {
    const log = logOf([1, 2, 2, 3], { commit: 4 })
    log.takeCommitted(Number.POSITIVE_INFINITY)
    log.appliedTo(3)
    log.compact(3)
    expect([log.firstIndex, log.lastIndex]).toEqual([4, 4])
    expect([log.termOf(2), log.termOf(3), log.termOf(4)]).toEqual([undefined, 2, 3])
    expect(() => log.compact(4)).toThrow('not applied yet')
    expect(() => log.slice(3, 4, 100)).toThrow('was compacted')
  })
})

it('slices are bounded by bytes, but never empty', () => {
  const log = logOf([1, 1, 1, 1])
  const lengths = [0, 26, 52, 1000].map((bytes) => log.slice(2, 4, bytes).length)
  expect(lengths).toEqual([1, 1, 2, 3])
})

it('committed entries come once, in portions', () => {
  const log = logOf([1, 1, 1], { commit: 3 })
  const portions = [log.takeCommitted(52), log.takeCommitted(52), log.takeCommitted(52)]
  expect(portions.map((portion) => portion.map(({ index }) => index))).toEqual([[1, 2], [3], []])
})
