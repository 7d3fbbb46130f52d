import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyJsonPatch, JsonPatchError, type PatchOperation } from './json-patch.js'

const document = { data: { k: '1', 'a/b': 'x' }, list: [1, 2, 3] }

describe('applyJsonPatch', () => {
  it.each<[string, PatchOperation[], unknown]>([
    [
      'adds a member',
      [{ op: 'add', path: '/data/n', value: 2 }],
      { ...document, data: { ...document.data, n: 2 } },
    ],
    [
      'inserts into a list',
      [{ op: 'add', path: '/list/1', value: 9 }],
      { ...document, list: [1, 9, 2, 3] },
    ],
    [
      'appends with a dash',
      [{ op: 'add', path: '/list/-', value: 4 }],
      { ...document, list: [1, 2, 3, 4] },
    ],
    ['removes from a list', [{ op: 'remove', path: '/list/0' }], { ...document, list: [2, 3] }],
    [
      'unescapes a slash',
      [{ op: 'remove', path: '/data/a~1b' }],
      { ...document, data: { k: '1' } },
    ],
    [
      'moves',
      [{ op: 'move', from: '/data/k', path: '/data/m' }],
      { ...document, data: { 'a/b': 'x', m: '1' } },
    ],
    [
      'copies',
      [{ op: 'copy', from: '/list/2', path: '/list/0' }],
      { ...document, list: [3, 1, 2, 3] },
    ],
    [
      'replaces what is not there, as the real server',
      [{ op: 'replace', path: '/data/z', value: 'y' }],
      { ...document, data: { ...document.data, z: 'y' } },
    ],
    ['tests by value', [{ op: 'test', path: '/data', value: { 'a/b': 'x', k: '1' } }], document],
    ['replaces the whole', [{ op: 'replace', path: '', value: { a: 5 } }], { a: 5 }],
    ['does nothing for nothing', [], document],
  ])('%s', (_, operations, expected) => {
    expect(applyJsonPatch(document, operations)).toEqual(expected)
  })

  it.each<[string, PatchOperation]>([
    ['a failed test', { op: 'test', path: '/data/k', value: 'no' }],
    ['a removal of what is not there', { op: 'remove', path: '/data/z' }],
    ['a path through nothing', { op: 'add', path: '/none/deep', value: 1 }],
    ['an unknown operation', { op: 'frob', path: '/data/k' }],
    ['a move from nowhere', { op: 'move', from: '/data/none', path: '/data/k' }],
    ['an index past the end', { op: 'add', path: '/list/9', value: 1 }],
    ['an index that is no number', { op: 'remove', path: '/list/x' }],
    ['to add the whole document', { op: 'add', path: '', value: {} }],
    ['to copy the whole document', { op: 'copy', from: '', path: '/copy' }],
    ['a text as the whole document', { op: 'replace', path: '', value: 'x' }],
  ])('refuses %s', (_, operation) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow(JsonPatchError)
  })

  it('never changes what it was given, and an added member that is removed leaves no trace', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.jsonValue(),
        (object, key, value) => {
          fc.pre(!Object.hasOwn(object, key) && key !== '__proto__')
          const before = structuredClone(object)
          const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
          const added = applyJsonPatch(object, [{ op: 'add', path, value }])
          expect(applyJsonPatch(added, [{ op: 'remove', path }])).toEqual(before)
          expect(object).toEqual(before)
        },
      ),
    )
  })
})
