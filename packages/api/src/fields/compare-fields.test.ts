import { describe, expect, test } from 'vitest'
import { namedSchema } from '../schema/builtin-model.js'
import type { StructSchema } from '../schema/schema.js'
import { compareFields } from './compare-fields.js'
import { custom } from './custom-kind.fixture.js'

type JsonObject = Record<string, unknown>

const pod = namedSchema('core.v1.Pod')
const configMap = namedSchema('core.v1.ConfigMap')
const revision = namedSchema('apps.v1.ControllerRevision')

const inPod = (container: JsonObject) => ({ spec: { containers: [{ name: 'a', ...container }] } })

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
