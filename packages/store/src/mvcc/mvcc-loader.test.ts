import { describe, expect, it } from 'vitest'
import { prefixRange } from '../client/key-range.js'
import { MvccLoader, type StoredRecord } from './mvcc-loader.js'
import { range } from './range.js'

const put = (key: string, revision: number, sub = 0, version = 1): StoredRecord => ({
  revision,
  sub,
  isTombstone: false,
  kv: {
    key,
    value: new Uint8Array(0),
    createRevision: revision - version + 1,
    modRevision: revision,
    version,
    lease: 0n,
  },
})

const deletion = (key: string, revision: number, sub = 0): StoredRecord => ({
  ...put(key, revision, sub),
  isTombstone: true,
})

describe('MvccLoader', () => {
  it('builds the store that the records came from', () => {
    const loader = new MvccLoader()
    for (const one of [put('b', 2), put('a', 3), put('a', 4, 0, 2), deletion('b', 4, 1)]) {
      loader.add(one)
    }
    const mvcc = loader.finish({ revision: 6, compactRevision: 3 })
    const keysAt = (revision: number) =>
      range(mvcc, { ...prefixRange(''), revision }).kvs.map(
        ({ key, version }) => `${key} ${version}`,
      )
    expect(keysAt(0)).toEqual(['a 2'])
    expect(keysAt(3)).toEqual(['a 1', 'b 1'])
    expect(mvcc).toMatchObject({ revision: 6, compactRevision: 3, recordCount: 4, keyCount: 1 })
    // The old record of 'a' is readable at 3, that of 'b' too: nothing is to be freed.
    while (!mvcc.compactSlice(1)) expect(mvcc.isCompacted).toBe(false)
    expect(mvcc.recordCount).toBe(4)
  })

  it.each<[string, StoredRecord[], string]>([
    ['a record twice', [put('a', 2), put('b', 2)], 'record 2/0 comes after 2/0'],
    ['records in disorder', [put('a', 3), put('b', 2)], 'record 2/0 comes after 3/0'],
    [
      'a key-value of another revision',
      [{ ...put('a', 2), revision: 3 }],
      'record 3/0 is of revision 2 and version 1',
    ],
  ])('refuses %s', (_name, records, problem) => {
    const loader = new MvccLoader()
    expect(() => records.forEach((one) => void loader.add(one))).toThrow(problem)
  })
})
