import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { isEqual } from '../json/equality.js'
import { namedSchema } from '../schema/builtin-model.js'
import { decodeObject } from '../schema/decode.js'
import {
  applyJsonMergePatch,
  createJsonMergePatch,
  createThreeWayJsonMergePatch,
} from './json-merge-patch.js'
import { createThreeWayMergePatch, createTwoWayMergePatch } from './strategic-diff.js'
import { applyStrategicMergePatch } from './strategic-merge-patch.js'

type JsonObject = Record<string, unknown>
const POD_SPEC = namedSchema('core.v1.PodSpec')
const META = namedSchema('meta.v1.ObjectMeta')
const SERVICE_SPEC = namedSchema('core.v1.ServiceSpec')
const DEPLOYMENT = namedSchema('apps.v1.Deployment')

const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }), {
  maxKeys: 3,
})
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, each]) => each !== null)
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutNulls(each)]))
}

describe('JSON merge patch', () => {
  test.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('RFC 7386: %j with %j is %j', (target, patch, result) => {
    expect(applyJsonMergePatch(target, patch)).toEqual(result)
  })

  it('the patch between two objects, applied to the one, gives the other', () => {
    fc.assert(
      fc.property(object, object, (original, modified) => {
        const wanted = withoutNulls(modified) as JsonObject
        const patch = createJsonMergePatch(withoutNulls(original) as JsonObject, wanted)
        expect(isEqual(applyJsonMergePatch(withoutNulls(original), patch), wanted)).toBe(true)
      }),
    )
  })

  it('three-way: keeps what others added, removes what was dropped', () => {
    const applied = { spec: { size: 3, old: 1 }, empty: {} }
    const current = { spec: { size: 2, old: 1, theirs: 'x' }, empty: {} }
    const patch = createThreeWayJsonMergePatch(applied, { spec: { size: 4 }, empty: {} }, current)
    expect(patch).toEqual({ spec: { size: 4, old: null } })
    expect(createThreeWayJsonMergePatch(applied, applied, { ...applied, more: 1 })).toEqual({})
  })
})

describe('applying a strategic merge patch', () => {
  const two = {
    containers: [
      { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
      { name: 'b', image: 'b:1' },
    ],
  }
  test.each<[string, JsonObject, JsonObject, JsonObject]>([
    [
      'lists merge by key, each element in turn',
      two,
      { containers: [{ name: 'a', image: 'a:2', env: [{ name: 'Y', value: '2' }] }] },
      {
        containers: [
          {
            name: 'a',
            image: 'a:2',
            env: [
              { name: 'Y', value: '2' },
              { name: 'X', value: '1' },
            ],
          },
          { name: 'b', image: 'b:1' },
        ],
      },
    ],
    [
      '$patch: delete takes an element out',
      two,
      { containers: [{ name: 'a', $patch: 'delete' }] },
      { containers: [{ name: 'b', image: 'b:1' }] },
    ],
    [
      '$patch: replace replaces the list',
      two,
      { containers: [{ $patch: 'replace' }, { name: 'c' }] },
      { containers: [{ name: 'c' }] },
    ],
    [
      '$patch: replace replaces a map',
      { nodeSelector: { a: '1' }, securityContext: { runAsUser: 1 } },
      { securityContext: { $patch: 'replace', runAsGroup: 2 } },
      { nodeSelector: { a: '1' }, securityContext: { runAsGroup: 2 } },
    ],
    [
      '$setElementOrder puts the list in order',
      two,
      {
        '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }],
        containers: [{ name: 'c', image: 'c:1' }],
      },
      { containers: [two.containers[1], { name: 'c', image: 'c:1' }, two.containers[0]] },
    ],
    [
      '$retainKeys drops the other fields',
      { volumes: [{ name: 'v', emptyDir: {} }] },
      {
        volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }],
      },
      { volumes: [{ name: 'v', configMap: { name: 'c' } }] },
    ],
    [
      'lists without a strategy are replaced',
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'b' }] },
      { tolerations: [{ key: 'b' }] },
    ],
    [
      'null removes, and means nothing in what is new',
      { nodeName: 'n', hostname: 'h' },
      { nodeName: null, affinity: { nodeAffinity: null, podAffinity: {} } },
      { hostname: 'h', affinity: { podAffinity: {} } },
    ],
  ])('%s', (_, target, patch, result) => {
    const before = JSON.stringify([target, patch])
    expect(applyStrategicMergePatch(target, patch, POD_SPEC)).toEqual(result)
    expect(JSON.stringify([target, patch])).toBe(before)
  })

  it.each(['replace', 'merge', 'delete'])(
    '$patch: %s of a map that is not there leaves it absent',
    ($patch) => {
      const patch = { nodeSelector: { $patch, a: '1' } }
      expect(applyStrategicMergePatch({ hostname: 'h' }, patch, POD_SPEC)).toEqual({
        hostname: 'h',
      })
    },
  )

  it('lists of plain values merge as sets, and delete by name', () => {
    const target = { finalizers: ['a', 'b'] }
    expect(applyStrategicMergePatch(target, { finalizers: ['c', 'a'] }, META)).toEqual({
      finalizers: ['c', 'a', 'b'],
    })
    const patch = { '$deleteFromPrimitiveList/finalizers': ['a'] }
    expect(applyStrategicMergePatch(target, patch, META)).toEqual({ finalizers: ['b'] })
    const ofMaps = { '$deleteFromPrimitiveList/containers': [{ name: 'a', image: 'i' }] }
    expect(applyStrategicMergePatch({ containers: [{ name: 'a' }] }, ofMaps, POD_SPEC)).toEqual({
      containers: [{ name: 'a', image: 'i' }],
    })
  })

  test.each<[JsonObject, string]>([
    [
      { containers: [{ image: 'noname' }] },
      'map: map[image:noname] does not contain declared merge key: name',
    ],
    [
      { containers: [{ name: 'a', $patch: 'explode' }] },
      'unknown patch type: explode in map: map[$patch:explode name:a]',
    ],
    [{ containers: [{ $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [
      { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'a' }] },
      "The order in patch list:\n[map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
    ],
    [{ '$setElementOrder/containers': 'x' }, 'expected a []interface {}, but received a string'],
    [{ $setElementOrder_x: [] }, 'invalid patch format of setElementOrder list'],
    [{ $deleteFromPrimitiveList: ['a'] }, 'invalid patch format of primitive list'],
    [{ '$setElementOrder/containers': ['a'] }, 'value for key 0 is not a map'],
    [
      { '$setElementOrder/tolerations': [] },
      'expected a []interface {}, but received a %!s(<nil>)',
    ],
    [{ '$setElementOrder/volumes': [{ name: 'v' }] }, 'no elements in any of the given slices'],
    [{ containers: [{ $patch: 5 }] }, 'unknown patch type: %!s(int64=5) in map: map[$patch:5]'],
    [
      { volumes: [{ name: 'a' }, 'x'] },
      'list element types are not identical: [[] [map[name:a] x]]',
    ],
    [
      { securityContext: { $retainKeys: ['a'], runAsUser: 1 } },
      'invalid patch format of retainKeys',
    ],
  ])('%j is refused: %s', (patch, message) => {
    const target = { ...two, securityContext: {}, tolerations: null, volumes: [] }
    expect(() => applyStrategicMergePatch(target, patch, POD_SPEC)).toThrow(message)
  })
})

describe('the patch that kubectl makes', () => {
  const pod = (...images: string[]) => ({
    containers: images.map((image) => ({ name: image.split(':')[0], image })),
  })

  it('set image', () => {
    const before = { spec: { template: { spec: pod('nginx:1.27') } } }
    const after = { spec: { template: { spec: pod('nginx:1.29') } } }
    expect(createTwoWayMergePatch(before, after, DEPLOYMENT)).toEqual({
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'nginx' }],
            containers: [{ image: 'nginx:1.29', name: 'nginx' }],
          },
        },
      },
    })
  })

  it('a container less, another order, another strategy', () => {
    expect(createTwoWayMergePatch(pod('a:1', 'b:1'), pod('b:1'), POD_SPEC)).toEqual({
      '$setElementOrder/containers': [{ name: 'b' }],
      containers: [{ $patch: 'delete', name: 'a' }],
    })
    expect(createTwoWayMergePatch(pod('a:1', 'b:1'), pod('b:1', 'a:1'), POD_SPEC)).toEqual({
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
    })
    const strategy = (type: string, rest = {}) => ({ spec: { strategy: { type, ...rest } } })
    const rolling = strategy('RollingUpdate', { rollingUpdate: { maxSurge: 1 } })
    expect(createTwoWayMergePatch(rolling, strategy('Recreate'), DEPLOYMENT)).toEqual({
      spec: { strategy: { $retainKeys: ['type'], type: 'Recreate', rollingUpdate: null } },
    })
  })

  it('plain values are deleted by name', () => {
    expect(
      createTwoWayMergePatch({ finalizers: ['a', 'b'] }, { finalizers: ['b', 'c'] }, META),
    ).toEqual({
      '$deleteFromPrimitiveList/finalizers': ['a'],
      '$setElementOrder/finalizers': ['b', 'c'],
      finalizers: ['c'],
    })
  })

  it('apply: keeps what others added, removes what was dropped', () => {
    const applied = { spec: { replicas: 3, paused: true, template: { spec: pod('a:1', 'b:1') } } }
    const current = {
      spec: {
        replicas: 5,
        paused: true,
        revisionHistoryLimit: 10,
        template: { spec: { ...pod('sidecar:9', 'a:1', 'b:1'), dnsPolicy: 'ClusterFirst' } },
      },
    }
    const modified = { spec: { replicas: 3, template: { spec: pod('a:2') } } }
    const patch = createThreeWayMergePatch(applied, modified, current, DEPLOYMENT)
    expect(patch).toEqual({
      spec: {
        replicas: 3,
        paused: null,
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'a' }],
            containers: [
              { name: 'a', image: 'a:2' },
              { $patch: 'delete', name: 'b' },
            ],
          },
        },
      },
    })
    expect(applyStrategicMergePatch(current, patch, DEPLOYMENT)).toEqual({
      spec: {
        replicas: 3,
        revisionHistoryLimit: 10,
        template: { spec: { ...pod('sidecar:9', 'a:2'), dnsPolicy: 'ClusterFirst' } },
      },
    })
  })

  it('nothing changed: nothing to send', () => {
    const applied = { spec: { replicas: 3, template: { spec: pod('a:1') } } }
    const current = { spec: { ...applied.spec, revisionHistoryLimit: 10 }, status: { replicas: 3 } }
    expect(createThreeWayMergePatch(applied, applied, current, DEPLOYMENT)).toEqual({})
  })

  it('a field that the schema does not have', () => {
    expect(() => createTwoWayMergePatch({ x: { a: 1 } }, { x: { a: 2 } }, POD_SPEC)).toThrow(
      'unable to find api field in struct PodSpec for the json field "x"',
    )
    expect(createTwoWayMergePatch({ x: { a: 1 } }, { x: { a: 1 } }, POD_SPEC)).toEqual({})
  })

  const container = fc.record(
    {
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      image: fc.constantFrom('1', '2'),
      command: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
      env: fc.uniqueArray(
        fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom('1', '2') }),
        { selector: ({ name }) => name, minLength: 1 },
      ),
    },
    { requiredKeys: ['name'] },
  )
  const spec = fc.record(
    {
      containers: fc.uniqueArray(container, { selector: ({ name }) => name, minLength: 1 }),
      nodeSelector: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')),
      hostNetwork: fc.boolean(),
      volumes: fc.uniqueArray(
        fc.oneof(
          fc.record({ name: fc.constantFrom('v', 'w'), emptyDir: fc.constant({}) }),
          fc.record({
            name: fc.constantFrom('v', 'w'),
            configMap: fc.record({ name: fc.constantFrom('c', 'd') }),
          }),
        ),
        { selector: ({ name }) => name, minLength: 1 },
      ),
    },
    { requiredKeys: ['containers'] },
  )

  it('applied to the original, it gives the modified object, order included', () => {
    fc.assert(
      fc.property(spec, spec, (original, modified) => {
        const patch = createTwoWayMergePatch(original, modified, POD_SPEC)
        expect(applyStrategicMergePatch(original, patch, POD_SPEC)).toEqual(modified)
      }),
      { numRuns: 500 },
    )
  })

  it('apply twice is apply once', () => {
    fc.assert(
      fc.property(spec, spec, spec, (applied, modified, current) => {
        const patch = createThreeWayMergePatch(applied, modified, current, POD_SPEC)
        // The server reads what comes of it, and so loses the nulls of items that were not there.
        const stored = (spec: JsonObject) => decodeObject(spec, POD_SPEC).object
        const once = stored(applyStrategicMergePatch(current, patch, POD_SPEC))
        const again = createThreeWayMergePatch(modified, modified, once, POD_SPEC)
        expect(stored(applyStrategicMergePatch(once, again, POD_SPEC))).toEqual(once)
      }),
      { numRuns: 500 },
    )
  })
})

it('ports of a Service merge by port', () => {
  const before = { ports: [{ port: 80, name: 'http' }] }
  const after = { ports: [{ port: 80, name: 'web' }, { port: 443 }] }
  const patch = createTwoWayMergePatch(before, after, SERVICE_SPEC)
  expect(patch).toMatchObject({ ports: [{ port: 80, name: 'web' }, { port: 443 }] })
  expect(applyStrategicMergePatch(before, patch, SERVICE_SPEC)).toEqual(after)
})
