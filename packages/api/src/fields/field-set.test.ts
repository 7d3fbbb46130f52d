import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FieldSet } from './field-set.js'
import { FieldsFormatError, formatPath, type PathElement } from './path-element.js'

const set = (fields: unknown) => FieldSet.fromFieldsV1(fields)
const texts = (fields: FieldSet) => [...fields.paths()].map(formatPath)

describe('fieldsV1', () => {
  test('a parent is in the set only when it says so', () => {
    expect(texts(set({ 'f:data': { 'f:a': {}, 'f:b': {} } }))).toEqual(['.data.a', '.data.b'])
    expect(texts(set({ 'f:data': { '.': {}, 'f:a': {} } }))).toEqual(['.data', '.data.a'])
    expect(texts(set({ 'f:data': {} }))).toEqual(['.data'])
    expect(texts(set({}))).toEqual([])
  })

  test('paths as people read them', () => {
    const fields = {
      'f:metadata': { 'f:finalizers': { 'v:"a.example.com/x"': {} } },
      'f:spec': {
        'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
        'f:rules': { 'i:0': {} },
      },
    }
    expect(texts(set(fields))).toEqual([
      '.metadata.finalizers[="a.example.com/x"]',
      '.spec.ports[port=80,protocol="TCP"]',
      '.spec.ports[port=80,protocol="TCP"].port',
      '.spec.rules[0]',
    ])
    expect(set(fields).toFieldsV1()).toEqual(fields)
  })

  test('elements are written in order: fields, keys, values, indices; each as its kind orders', () => {
    const mixed = {
      'i:10': {},
      'i:9': {},
      'v:"b"': {},
      'v:10': {},
      'v:9': {},
      'k:{"name":"b"}': { 'f:z': {}, '.': {}, 'f:a': {} },
      'k:{"name":"a"}': {},
      'k:{"port":443}': {},
      'k:{"port":80}': {},
      'v:true': {},
      'f:b': {},
      'f:a-b': {},
      'f:a': {},
    }
    expect(JSON.stringify(set(mixed).toFieldsV1())).toBe(
      JSON.stringify({
        'f:a': {},
        'f:a-b': {},
        'f:b': {},
        'k:{"name":"a"}': {},
        'k:{"name":"b"}': { '.': {}, 'f:a': {}, 'f:z': {} },
        'k:{"port":80}': {},
        'k:{"port":443}': {},
        'v:9': {},
        'v:10': {},
        'v:"b"': {},
        'v:true': {},
        'i:9': {},
        'i:10': {},
      }),
    )
  })

  test('keys and values in any spelling are the same element', () => {
    const spelled = set({ 'f:ports': { 'k:{ "protocol":"TCP", "port":8e1}': {} } })
    expect(spelled.equals(set({ 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': {} } }))).toBe(true)
  })

  test('elements that a later server may know are left out with all below them', () => {
    expect(set({ 'f:a': { 'x:later': { 'f:b': {} } }, 'f:c': {} }).toFieldsV1()).toEqual({
      'f:a': {},
      'f:c': {},
    })
  })

  test.each([
    [{ f: {} }, 'key must be 2 characters long:'],
    [{ field: {} }, 'missing colon: field'],
    [{ 'i:x': {} }, 'strconv.Atoi: parsing "x": invalid syntax'],
    [{ 'k:{': {} }, 'parsing key as path element: {'],
    [{ 'f:a': 1 }, 'expected a map of fields, got 1'],
  ])('%j is no set', (fields, message) => {
    expect(() => set(fields)).toThrow(new FieldsFormatError(message))
  })
})

describe('has', () => {
  const fields = set({
    'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {} } } },
  })
  const container: PathElement[] = [
    { kind: 'field', name: 'spec' },
    { kind: 'field', name: 'containers' },
    { kind: 'key', fields: [['name', 'a']] },
  ]

  test('holds its members, not what leads to them, and nobody owns the whole object', () => {
    expect(fields.has([])).toBe(false)
    expect(fields.has(container.slice(0, 2))).toBe(false)
    expect(fields.has(container)).toBe(true)
    expect(fields.has([...container, { kind: 'field', name: 'image' }])).toBe(true)
    expect(fields.has([...container, { kind: 'field', name: 'name' }])).toBe(false)
  })

  test('fromPaths makes a set of its paths', () => {
    expect(FieldSet.fromPaths(fields.paths()).equals(fields)).toBe(true)
  })
})

/** Judged by the slow and obvious: sets of texts. */
describe('algebra', () => {
  const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"a"}', 'v:1', 'i:0')
  const { node } = fc.letrec<{ node: Record<string, unknown> }>((tie) => ({
    node: fc.dictionary(
      fc.oneof({ weight: 4, arbitrary: element }, fc.constant('.')),
      fc.oneof({ depthSize: 'small' }, fc.constant({}), tie('node')),
      { maxKeys: 3 },
    ),
  }))
  const sets = node.map((fields) => FieldSet.fromFieldsV1({ ...fields, '.': undefined }))
  const model = (fields: FieldSet) => new Set(texts(fields))
  const check = (law: (a: FieldSet, b: FieldSet) => void) =>
    fc.assert(fc.property(sets, sets, law), { numRuns: 300 })

  test('union, intersection and difference are those of the sets of paths', () => {
    check((a, b) => {
      const [inA, inB] = [model(a), model(b)]
      expect(model(a.union(b))).toEqual(new Set([...inA, ...inB]))
      expect(model(a.intersection(b))).toEqual(new Set([...inA].filter((path) => inB.has(path))))
      expect(model(a.difference(b))).toEqual(new Set([...inA].filter((path) => !inB.has(path))))
    })
  })

  test('the recursive difference takes what is below a path, too', () => {
    const isBelow = (path: string, other: string) =>
      path.startsWith(other) && /^$|^[.[]/.test(path.slice(other.length))
    check((a, b) => {
      const rest = texts(a).filter((path) => !texts(b).some((other) => isBelow(path, other)))
      expect(texts(a.recursiveDifference(b))).toEqual(rest)
    })
  })

  test('what changes nothing gives back its operand', () => {
    check((a, b) => {
      expect(a.union(b).union(b)).toSatisfy((both: FieldSet) => both === both.union(a))
      const rest = a.difference(b)
      expect(rest.difference(b)).toBe(rest)
      expect(rest.recursiveDifference(FieldSet.empty)).toBe(rest)
      expect(a.intersection(a.union(b))).toBe(a)
    })
  })

  test('one signature is one set, and the reverse for sets that are made alike', () => {
    check((a, b) => {
      expect(a.signature() === b.signature() && !a.equals(b)).toBe(false)
      const alike = (fields: FieldSet) => FieldSet.fromFieldsV1(fields.toFieldsV1()).signature()
      expect(alike(a) === alike(b)).toBe(a.equals(b))
    })
  })

  test('leaves are the paths that lead to no other', () => {
    check((a) => {
      const all = texts(a)
      const hasLonger = (path: string) =>
        all.some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[`))
      expect(texts(a.leaves()).sort()).toEqual(all.filter((path) => !hasLonger(path)).sort())
    })
  })

  test('fieldsV1 and back is the same set', () => {
    check((a) => {
      const again = FieldSet.fromFieldsV1(JSON.parse(JSON.stringify(a.toFieldsV1())))
      expect(again.equals(a)).toBe(true)
      expect(JSON.stringify(again.toFieldsV1())).toBe(JSON.stringify(a.toFieldsV1()))
    })
  })
})
