import { describe, expect, test } from 'vitest'
import { namedSchema } from '../schema/builtin-model.js'
import type { FieldSchema, Schema, StructSchema } from '../schema/schema.js'
import { compareFields } from './compare-fields.js'
import { FieldSet } from './field-set.js'
import { mergeApplied } from './merge-applied.js'
import { ownedFields } from './owned-fields.js'
import { extractFields, removeFields } from './remove-fields.js'
import { TypedValueError, validateApplied } from './validate-applied.js'

type JsonObject = Record<string, unknown>

const pod = namedSchema('core.v1.Pod')
const service = namedSchema('core.v1.Service')
const configMap = namedSchema('core.v1.ConfigMap')
const deployment = namedSchema('apps.v1.Deployment')
const revision = namedSchema('apps.v1.ControllerRevision')

/** A kind such as a custom resource has: every way in which lists and maps merge. */
const custom = struct('Custom', {
  any: { type: 'scalar', scalar: 'json' },
  set: [{ type: 'list', items: { type: 'scalar', scalar: 'string' } }, { listType: 'set' }],
  keyed: [
    {
      type: 'list',
      items: struct('Item', {
        name: { type: 'scalar', scalar: 'string' },
        zone: [{ type: 'scalar', scalar: 'string' }, { default: 'any' }],
        size: { type: 'scalar', scalar: 'int32' },
      }),
    },
    { listType: 'map', listMapKeys: ['name', 'zone'] },
  ],
  bare: { type: 'list', items: { type: 'scalar', scalar: 'string' } },
  atomic: [{ type: 'map', values: { type: 'scalar', scalar: 'string' } }, { mapType: 'atomic' }],
  structs: { type: 'map', values: struct('Entry', { a: { type: 'scalar', scalar: 'string' } }) },
})

function struct(
  name: string,
  fields: Record<string, Schema | [Schema, Partial<FieldSchema>]>,
): StructSchema {
  const field = ([name, given]: [string, Schema | [Schema, Partial<FieldSchema>]]) => {
    const [schema, more] = Array.isArray(given) ? given : [given, {}]
    const none = { required: false, always: false, pointer: false, wireAlways: false }
    return [name, { name, schema, tag: 0, patchStrategies: [], ...none, ...more }] as const
  }
  const inner = new Map(Object.entries(fields).map(field))
  const flags = { typeMeta: false, atomic: false, unions: [], wireInline: [] }
  return { type: 'struct', name: `test.v1.${name}`, fields: inner, ...flags }
}

const inPod = (container: JsonObject) => ({ spec: { containers: [{ name: 'a', ...container }] } })
const ofContainer = (fields: JsonObject) => ({
  'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, ...fields } } },
})

describe('ownedFields: what an applier owns', () => {
  test.each<[string, StructSchema, JsonObject, JsonObject]>([
    ['leaves, not the structs above', pod, inPod({ image: 'i' }), ofContainer({ 'f:image': {} })],
    [
      'the entries of a map, and an empty one itself',
      configMap,
      { data: { k: '1' }, binaryData: {} },
      { 'f:data': { 'f:k': {} }, 'f:binaryData': {} },
    ],
    [
      'null is owned',
      configMap,
      { data: null, immutable: null },
      { 'f:data': {}, 'f:immutable': {} },
    ],
    ['nothing of an empty list', pod, { spec: { containers: [] } }, {}],
    [
      'keys that an item leaves out have their defaults',
      pod,
      inPod({ ports: [{ containerPort: 80 }] }),
      ofContainer({
        'f:ports': {
          'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
        },
      }),
    ],
    [
      'the items of a set',
      pod,
      { metadata: { finalizers: ['b', 'a'] } },
      { 'f:metadata': { 'f:finalizers': { 'v:"a"': {}, 'v:"b"': {} } } },
    ],
    [
      'atomic structs, maps and lists as a whole',
      pod,
      {
        spec: {
          nodeSelector: { a: 'b' },
          tolerations: [{ key: 'x' }],
          affinity: { nodeAffinity: {} },
        },
      },
      {
        'f:spec': {
          'f:nodeSelector': {},
          'f:tolerations': {},
          'f:affinity': { 'f:nodeAffinity': {} },
        },
      },
    ],
    [
      'an atomic type of which a field says that it is not',
      namedSchema('core.v1.PersistentVolume'),
      { spec: { claimRef: { name: 'a' } } },
      { 'f:spec': { 'f:claimRef': { 'f:name': {} } } },
    ],
    ['raw values as a whole', revision, { data: { a: { b: 1 } } }, { 'f:data': {} }],
    [
      'free-form values by the entries of their maps',
      custom,
      { any: { a: { b: 1, c: [1, { d: 1 }] }, e: 'x', f: {} } },
      {
        'f:any': {
          'f:a': { '.': {}, 'f:b': {}, 'f:c': {} },
          'f:e': {},
          'f:f': {},
        },
      },
    ],
    [
      'lists in no free-form map are atomic',
      custom,
      { any: [1, 2], bare: ['a'] },
      { 'f:any': {}, 'f:bare': {} },
    ],
    [
      'entries that are structs, with what is in them',
      custom,
      { structs: { k: { a: 'x' }, l: {} } },
      { 'f:structs': { 'f:k': { '.': {}, 'f:a': {} }, 'f:l': {} } },
    ],
    [
      'items that share a key only as such',
      pod,
      inPod({
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
      ofContainer({ 'f:env': { 'k:{"name":"A"}': {} } }),
    ],
  ])('%s', (_name, schema, object, fields) => {
    expect(ownedFields(object, schema).toFieldsV1()).toEqual(fields)
  })
})

describe('compareFields: what became of what', () => {
  type Changes = { added?: JsonObject; modified?: JsonObject; removed?: JsonObject }
  const changes = (before: JsonObject | undefined, after: JsonObject, schema: StructSchema) => {
    const { added, modified, removed } = compareFields(before, after, schema)
    const found = { added, modified, removed }
    return Object.fromEntries(
      Object.entries(found).flatMap(([name, set]) =>
        set.isEmpty ? [] : [[name, set.toFieldsV1()]],
      ),
    )
  }

  test.each<[string, StructSchema, JsonObject | undefined, JsonObject, Changes]>([
    ['nothing', pod, inPod({ image: 'i' }), inPod({ image: 'i' }), {}],
    [
      'a new object is compared with the empty one of its type',
      pod,
      undefined,
      {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'a' }], hostname: 'h' },
        status: {},
      },
      {
        added: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
          'f:spec': {
            'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} } },
            'f:hostname': {},
          },
        },
      },
    ],
    [
      'what appears owns the parents that appear with it',
      pod,
      { spec: {} },
      { spec: { volumes: [{ name: 'v', configMap: { name: 'c' } }] } },
      {
        added: {
          'f:spec': {
            'f:volumes': {
              '.': {},
              'k:{"name":"v"}': { '.': {}, 'f:name': {}, 'f:configMap': { '.': {}, 'f:name': {} } },
            },
          },
        },
      },
    ],
    [
      'leaves, atomic ones too, are modified as a whole',
      pod,
      { spec: { hostname: 'a', nodeSelector: { a: '1' }, tolerations: [] } },
      { spec: { hostname: 'b', nodeSelector: { a: '2' }, tolerations: [{ key: 'x' }] } },
      { modified: { 'f:spec': { 'f:hostname': {}, 'f:nodeSelector': {}, 'f:tolerations': {} } } },
    ],
    [
      'entries and items come and go by themselves',
      pod,
      { metadata: { labels: { a: '1', b: '1' }, finalizers: ['x', 'y'] } },
      { metadata: { labels: { b: '2', c: '1' }, finalizers: ['y', 'z'] } },
      {
        added: { 'f:metadata': { 'f:labels': { 'f:c': {} }, 'f:finalizers': { 'v:"z"': {} } } },
        modified: { 'f:metadata': { 'f:labels': { 'f:b': {} } } },
        removed: { 'f:metadata': { 'f:labels': { 'f:a': {} }, 'f:finalizers': { 'v:"x"': {} } } },
      },
    ],
    [
      'the order of a keyed list is no change',
      custom,
      { keyed: [{ name: 'a' }, { name: 'b' }], set: ['a', 'b'] },
      { keyed: [{ name: 'b' }, { name: 'a' }], set: ['b', 'a'] },
      {},
    ],
    [
      'null and empty differ',
      configMap,
      { data: null },
      { data: {} },
      { modified: { 'f:data': {} } },
    ],
    [
      'from null only the entries are new',
      configMap,
      { data: null },
      { data: { a: '1' } },
      { added: { 'f:data': { 'f:a': {} } } },
    ],
    [
      'a free-form value that becomes a map is modified, and has new entries',
      custom,
      { any: 'x' },
      { any: { a: { b: 1 } } },
      { added: { 'f:any': { 'f:a': { '.': {}, 'f:b': {} } } }, modified: { 'f:any': {} } },
    ],
    [
      'a raw value is one leaf',
      revision,
      { data: { a: 1, b: 2 } },
      { data: { a: 1 } },
      { modified: { 'f:data': {} } },
    ],
    [
      'several items with one key are one thing',
      custom,
      { set: ['a'], keyed: [{ name: 'x' }, { name: 'x', size: 1 }] },
      { set: ['a', 'b', 'b'], keyed: [{ name: 'x' }, { name: 'x', size: 2 }] },
      {
        added: { 'f:set': { 'v:"b"': {} } },
        modified: { 'f:keyed': { 'k:{"name":"x","zone":"any"}': {} } },
      },
    ],
    [
      'an item that is doubled is new as such, and its parts are gone',
      custom,
      { keyed: [{ name: 'x', size: 1 }] },
      { keyed: [{ name: 'x' }, { name: 'x' }] },
      {
        added: { 'f:keyed': { 'k:{"name":"x","zone":"any"}': {} } },
        removed: {
          'f:keyed': { 'k:{"name":"x","zone":"any"}': { '.': {}, 'f:name': {}, 'f:size': {} } },
        },
      },
    ],
  ])('%s', (_name, schema, before, after, expected) => {
    expect(changes(before, after, schema)).toEqual(expected)
  })
})

describe('mergeApplied: what apply makes of the live object', () => {
  test.each<[string, StructSchema, JsonObject, JsonObject, JsonObject]>([
    [
      'the applied value wins, the rest stays',
      configMap,
      { data: { a: '1', b: '1' }, immutable: true },
      { data: { b: '2', c: '2' } },
      { data: { a: '1', b: '2', c: '2' }, immutable: true },
    ],
    [
      'items are merged by key, and new ones stand where the configuration has them',
      custom,
      {
        keyed: [
          { name: 'a', size: 1 },
          { name: 'c', size: 1 },
        ],
      },
      {
        keyed: [
          { name: 'b', zone: 'any' },
          { name: 'c', size: 2 },
        ],
      },
      {
        keyed: [
          { name: 'a', size: 1 },
          { name: 'b', zone: 'any' },
          { name: 'c', size: 2 },
        ],
      },
    ],
    [
      "the configuration's order is the order of its items",
      custom,
      { set: ['a', 'x', 'b', 'y', 'c'] },
      { set: ['c', 'b', 'new', 'a'] },
      { set: ['x', 'y', 'c', 'b', 'new', 'a'] },
    ],
    [
      'items that were doubled become one when it is applied',
      custom,
      {
        set: ['b', 'a', 'b'],
        keyed: [
          { name: 'x', size: 1 },
          { name: 'x', size: 2 },
        ],
      },
      { set: ['b'], keyed: [{ name: 'x' }] },
      { set: ['b', 'a'], keyed: [{ name: 'x' }] },
    ],
    [
      'and stay doubled when it is not',
      custom,
      { set: ['b', 'a', 'b'] },
      { set: ['a'] },
      { set: ['b', 'a', 'b'] },
    ],
    [
      'atomic values are replaced',
      pod,
      { spec: { nodeSelector: { a: '1' } } },
      { spec: { nodeSelector: { b: '1' } } },
      { spec: { nodeSelector: { b: '1' } } },
    ],
    [
      'to apply an empty map takes nothing away',
      configMap,
      { data: { a: '1' } },
      { data: {} },
      { data: { a: '1' } },
    ],
    [
      'nor does null',
      configMap,
      { data: { a: '1' }, immutable: true },
      { data: null, immutable: null },
      { data: { a: '1' }, immutable: null },
    ],
    ['an empty list neither', pod, inPod({}), { spec: { containers: [] } }, inPod({})],
    [
      'null gives way to empty and the reverse',
      configMap,
      { data: null, binaryData: {} },
      { data: {}, binaryData: null },
      { data: {}, binaryData: null },
    ],
    [
      'free-form maps are merged, other free-form values replaced',
      custom,
      { any: { a: { b: 1, c: 1 }, d: [1, 2], e: 'x' } },
      { any: { a: { c: 2 }, d: [3], e: { f: 1 } } },
      { any: { a: { b: 1, c: 2 }, d: [3], e: { f: 1 } } },
    ],
  ])('%s', (_name, schema, live, applied, merged) => {
    expect(mergeApplied(live, applied, schema)).toEqual(merged)
  })

  test('gives back the live object when nothing differs', () => {
    const live = { data: { a: '1' }, metadata: { finalizers: ['x', 'y'] } }
    expect(
      mergeApplied(live, { data: { a: '1' }, metadata: { finalizers: ['y'] } }, configMap),
    ).toBe(live)
  })
})

describe('removeFields and extractFields', () => {
  const object = {
    metadata: { labels: { a: '1', b: '1' } },
    spec: { containers: [{ name: 'a', image: 'i', env: [{ name: 'E' }] }, { name: 'b' }] },
  }
  const fields = (value: JsonObject) => FieldSet.fromFieldsV1(value)

  test('a removed item is gone, what loses all its parts is null', () => {
    const removed = fields({
      'f:metadata': { 'f:labels': { 'f:a': {}, 'f:b': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"a"}': { 'f:env': { 'k:{"name":"E"}': { '.': {}, 'f:name': {} } } },
          'k:{"name":"b"}': {},
        },
      },
    })
    expect(removeFields(object, removed, pod)).toEqual({
      metadata: { labels: null },
      spec: { containers: [{ name: 'a', image: 'i', env: null }] },
    })
  })

  test('what is not there changes nothing', () => {
    expect(removeFields(object, fields({ 'f:spec': { 'f:hostname': {} } }), pod)).toBe(object)
  })

  test('extracting keeps the fields and the way to them', () => {
    const kept = fields({
      'f:metadata': { 'f:labels': { 'f:b': {} } },
      'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:name': {}, 'f:image': {} } } },
    })
    expect(extractFields(object, kept, pod)).toEqual({
      metadata: { labels: { b: '1' } },
      spec: { containers: [{ name: 'a', image: 'i' }] },
    })
  })
})

describe('validateApplied: what cannot be applied', () => {
  test.each<[string, StructSchema, unknown, string]>([
    [
      'a string',
      configMap,
      { data: { k: 5 } },
      '.data.k: expected string, got &value.valueUnstructured{Value:5}',
    ],
    [
      'a string, given a map',
      configMap,
      { data: { k: { b: [1.5, null], a: 'x' } } },
      '.data.k: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":"x", "b":[]interface {}{1.5, interface {}(nil)}}}',
    ],
    [
      'a number',
      deployment,
      { spec: { replicas: '1' } },
      '.spec.replicas: expected numeric (int or float), got string',
    ],
    [
      'a number, given a list',
      deployment,
      { spec: { replicas: [] } },
      '.spec.replicas: expected numeric (int or float), got []interface {}',
    ],
    ['a boolean', configMap, { immutable: 'yes' }, '.immutable: expected boolean, got &{yes}'],
    [
      'a list',
      pod,
      { spec: { tolerations: { b: 1, a: [true] } } },
      '.spec.tolerations: expected list, got &{map[a:[true] b:1]}',
    ],
    ['a map', configMap, { data: ['a', 'b'] }, '.data: expected map, got &{[a b]}'],
    [
      'a scalar',
      pod,
      inPod({ resources: { limits: { cpu: {} } } }),
      '.spec.containers[name="a"].resources.limits.cpu: expected any scalar, got &{map[]}',
    ],
    [
      'a declared field',
      deployment,
      { spec: { replcas: 1 } },
      '.spec.replcas: field not declared in schema',
    ],
    [
      'items once',
      pod,
      { spec: { containers: [{ name: 'a' }, { name: 'a' }] } },
      '.spec.containers: duplicate entries for key [name="a"]',
    ],
    [
      'items once, by default keys too',
      service,
      { spec: { ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] } },
      '.spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
    ],
    [
      'keys that default to nothing',
      pod,
      { spec: { containers: [{}, {}] } },
      '.spec.containers: duplicate entries for key [name=""]',
    ],
    ['values once', custom, { set: ['a', 'a'] }, '.set: duplicate entries for key [="a"]'],
    [
      'items with keys',
      pod,
      { metadata: { ownerReferences: [] }, spec: { initContainers: [null] } },
      '.spec.initContainers: element 0: associative list with keys may not have a null element',
    ],
    [
      'items that are maps',
      pod,
      { spec: { containers: ['a'] } },
      '.spec.containers: element 0: associative list with keys may not have non-map elements',
    ],
    [
      'items that have one of their keys',
      namedSchema('core.v1.ServiceAccount'),
      { secrets: [{ name: 'a' }, { kind: 'Secret' }] },
      '.secrets: element 1: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ],
    [
      'values in sets',
      custom,
      { set: [{ a: 1 }] },
      ".set: element 0: associative list without keys has an element that's a map type",
    ],
    [
      'not lists in sets',
      custom,
      { set: [[]] },
      '.set: element 0: not supported: associative list with lists as elements',
    ],
    [
      'not null in sets',
      custom,
      { set: [null] },
      ".set: element 0: associative list without keys has an element that's an explicit null",
    ],
    [
      'items of atomic lists by position',
      pod,
      { spec: { tolerations: [{}, { key: 1 }] } },
      '.spec.tolerations[1].key: expected string, got &value.valueUnstructured{Value:1}',
    ],
    ['a whole that is a map', configMap, 'x', 'expected map, got &{x}'],
  ])('%s', (_name, schema, object, message) => {
    expect(() => validateApplied(object, schema)).toThrow(new TypedValueError([message]))
  })

  test('several faults are told together', () => {
    const object = { immutable: 1, data: { a: 1, b: true } }
    expect(() => validateApplied(object, configMap)).toThrow(
      [
        'errors:',
        '  .immutable: expected boolean, got &{1}',
        '  .data.a: expected string, got &value.valueUnstructured{Value:1}',
        '  .data.b: expected string, got &value.valueUnstructured{Value:true}',
      ].join('\n'),
    )
  })

  test('null is of every type, and free-form values may be anything', () => {
    const object = {
      any: [{ a: null }],
      set: null,
      keyed: [{ name: 'a', size: null }],
      structs: { a: null },
    }
    expect(() => validateApplied(object, custom)).not.toThrow()
    expect(() => validateApplied({ data: { a: [1] } }, revision)).not.toThrow()
  })
})
