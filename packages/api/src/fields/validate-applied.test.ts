import { describe, expect, test } from 'vitest'
import { namedSchema } from '../schema/builtin-model.js'
import type { StructSchema } from '../schema/schema.js'
import { custom } from './custom-kind.fixture.js'
import { TypedValueError, validateApplied } from './validate-applied.js'

type JsonObject = Record<string, unknown>

const pod = namedSchema('core.v1.Pod')
const service = namedSchema('core.v1.Service')
const configMap = namedSchema('core.v1.ConfigMap')
const deployment = namedSchema('apps.v1.Deployment')
const revision = namedSchema('apps.v1.ControllerRevision')

const inPod = (container: JsonObject) => ({ spec: { containers: [{ name: 'a', ...container }] } })

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
