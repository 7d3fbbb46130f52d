import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { arbitraryStored } from '../schema/arbitrary-object.suite.js'
import { namedSchema } from '../schema/builtin-model.js'
import { compareFields } from './compare-fields.js'
import { creationSignature } from './creation-signature.js'

type JsonObject = Record<string, unknown>

const KINDS = [
  'core.v1.ConfigMap',
  'core.v1.Service',
  'core.v1.Pod',
  'rbac.authorization.k8s.io.v1.Role',
]

describe.each(KINDS)('%s', (name) => {
  const schema = namedSchema(name)
  const fieldsOf = (object: JsonObject) => {
    const { added, modified, removed } = compareFields(undefined, object, schema)
    return [added, modified, removed].map((set) => set.toFieldsV1())
  }

  test('objects of one signature have the same fields, whatever one changes in the other', () => {
    fc.assert(
      fc.property(arbitraryStored(schema), fc.nat(), fc.boolean(), (object, at, removes) => {
        const other = structuredClone(object)
        const places = leavesOf(other)
        const place = places[at % Math.max(places.length, 1)]
        if (place) change(place, removes)
        const [a, b] = [creationSignature(object, schema), creationSignature(other, schema)]
        if (a === b && a !== undefined) expect(fieldsOf(other)).toEqual(fieldsOf(object))
      }),
      { numRuns: 200 },
    )
  })
})

const pod = (app: string, ...ports: number[]) => ({
  metadata: { name: app, labels: { app } },
  spec: { containers: [{ name: 'c', ports: ports.map((containerPort) => ({ containerPort })) }] },
})

it.each<[string, JsonObject, JsonObject, boolean]>([
  ['other values', pod('a', 1), pod('b', 1), true],
  ['another item of a list', pod('a', 1), pod('a', 2), false],
  ['one item more', pod('a', 1), pod('a', 1, 2), false],
  ['an item twice', pod('a', 1), pod('a', 1, 1), false],
  ['another label', pod('a'), { ...pod('a'), metadata: { name: 'a', labels: { b: 'a' } } }, false],
  ['what an empty object says, too', { spec: { containers: null } }, { spec: {} }, false],
])('%s', (_, a, b, isSame) => {
  const schema = namedSchema('core.v1.Pod')
  expect(creationSignature(a, schema) === creationSignature(b, schema)).toBe(isSame)
})

it('there is none for items that nothing tells apart', () => {
  const schema = namedSchema('core.v1.Pod')
  const broken = { metadata: { finalizers: [null] } }
  expect(creationSignature(broken, schema)).toBe(undefined)
})

interface Place {
  readonly holder: JsonObject
  readonly key: string
}

function leavesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => {
    const inner = leavesOf(child)
    return inner.length > 0 ? inner : [{ holder: value as JsonObject, key }]
  })
}

function change({ holder, key }: Place, removes: boolean): void {
  const value = holder[key]
  if (removes && !Array.isArray(holder)) delete holder[key]
  else if (typeof value === 'string') holder[key] = `${value}x`
  else if (typeof value === 'number') holder[key] = value + 1
  else if (typeof value === 'boolean') holder[key] = !value
}
