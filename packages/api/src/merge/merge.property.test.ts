import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryObject, byMergeKey } from '../schema/arbitrary-object.suite.js'
import { namedSchema } from '../schema/builtin-model.js'
import { createThreeWayMergePatch, createTwoWayMergePatch } from './strategic-diff.js'
import { applyStrategicMergePatch } from './strategic-merge-patch.js'

type JsonObject = Record<string, unknown>

const KINDS = ['core.v1.ConfigMap', 'core.v1.Service', 'core.v1.Pod', 'apps.v1.Deployment']

/** Objects of real kinds; items of merging lists have their merge keys, and no two the same. */
describe.each(KINDS)('%s', (name) => {
  const schema = namedSchema(name)
  const objects = arbitraryObject(schema, byMergeKey)
  const numRuns = 60

  const twoWay = (original: JsonObject, modified: JsonObject) =>
    createTwoWayMergePatch(original, modified, schema)
  const threeWay = (original: JsonObject, modified: JsonObject, current: JsonObject) =>
    createThreeWayMergePatch(original, modified, current, schema)
  const patched = (object: JsonObject, patch: JsonObject) =>
    applyStrategicMergePatch(object, patch, schema)

  test('the patch between two objects, applied to the one, gives the other, and twice no other', () => {
    fc.assert(
      fc.property(objects, objects, (original, modified) => {
        const patch = twoWay(original, modified)
        expect(patched(original, patch)).toEqual(modified)
        expect(patched(modified, patch)).toEqual(modified)
      }),
      { numRuns },
    )
  })

  test('between equals there is nothing to do, and to do nothing changes nothing', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const [same, alike] = [structuredClone(object), structuredClone(object)]
        expect(withoutOrders(twoWay(object, same))).toEqual({})
        expect(withoutOrders(threeWay(object, same, alike))).toEqual({})
        expect(patched(object, twoWay(object, same))).toEqual(object)
        expect(patched(object, {})).toEqual(object)
      }),
      { numRuns },
    )
  })

  test('neither argument is written to', () => {
    fc.assert(
      fc.property(objects, objects, (original, modified) => {
        const copies = structuredClone([original, modified])
        patched(original, twoWay(original, modified))
        expect([original, modified]).toEqual(copies)
      }),
      { numRuns },
    )
  })

  test('where nobody else wrote, three ways are two', () => {
    fc.assert(
      fc.property(objects, objects, (original, modified) => {
        const patch = threeWay(original, modified, original)
        expect(patched(original, patch)).toEqual(modified)
      }),
      { numRuns },
    )
  })

  test('what was applied is there, and to apply it again does nothing', () => {
    fc.assert(
      fc.property(objects, objects, objects, (original, modified, current) => {
        const result = patched(current, threeWay(original, modified, current))
        expect(patched(result, twoWay(original, modified))).toEqual(result)
        expect(patched(result, threeWay(modified, modified, result))).toEqual(result)
      }),
      { numRuns },
    )
  })

  test('what others added stays, unless the fields beside it exclude each other', () => {
    fc.assert(
      fc.property(objects, objects, objects, (original, modified, current) => {
        const result = patched(current, threeWay(original, modified, current))
        for (const [path, value] of leaves(current))
          if (
            !leadsInto(original, path) &&
            !leadsInto(modified, path) &&
            !path.includes('strategy')
          )
            expect(valueAt(result, path), path.join('.')).toEqual(value)
      }),
      { numRuns },
    )
  })
})

/** Real clients name the order of plain values that aren't sorted even when nothing changes. */
function withoutOrders(patch: JsonObject): JsonObject {
  const rest = Object.entries(patch)
    .filter(([key]) => !key.startsWith('$setElementOrder/'))
    .map(([key, value]) => [key, isMap(value) ? withoutOrders(value) : value] as const)
  return Object.fromEntries(
    rest.filter(([, value]) => !isMap(value) || Object.keys(value).length > 0),
  )
}

/** All that is in no list and no map itself, with the way to it. */
function* leaves(value: unknown, path: readonly string[] = []): Generator<[string[], unknown]> {
  if (!isMap(value)) yield [[...path], value]
  else for (const key of Object.keys(value)) yield* leaves(value[key], [...path, key])
}

/** Whether the object has the path, or anything but a map on the way. */
function leadsInto(object: JsonObject, path: readonly string[]): boolean {
  return path.some((_, i) => {
    const value = valueAt(object, path.slice(0, i + 1))
    return value !== undefined && (i === path.length - 1 || !isMap(value))
  })
}

function valueAt(object: unknown, path: readonly string[]): unknown {
  return path.reduce((value, key) => (isMap(value) ? value[key] : undefined), object)
}

const isMap = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
