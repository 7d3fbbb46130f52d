import { describe, expect, test } from 'vitest'
import { namedSchema } from '../schema/builtin-model.js'
import type { StructSchema } from '../schema/schema.js'
import { custom } from './custom-kind.fixture.js'
import { ownedFields } from './owned-fields.js'

type JsonObject = Record<string, unknown>

const pod = namedSchema('core.v1.Pod')
const configMap = namedSchema('core.v1.ConfigMap')
const revision = namedSchema('apps.v1.ControllerRevision')

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
