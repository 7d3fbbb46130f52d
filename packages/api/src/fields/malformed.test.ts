import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryObject } from '../schema/arbitrary-object.suite.js'
import { namedSchema } from '../schema/builtin-model.js'
import { applyOwnership } from './apply-ownership.js'
import { FieldSet } from './field-set.js'
import { updateOwnership } from './update-ownership.js'
import { TypedValueError, validateApplied } from './validate-applied.js'

type JsonObject = Record<string, unknown>

const schema = namedSchema('core.v1.Pod')
const versions = { schemaOf: () => schema, convert: (object: JsonObject) => object }

/** A Pod in which some parts are something else. */
const damaged = fc
  .tuple(arbitraryObject(schema), fc.array(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 2 }))))
  .map(([object, damages]) => {
    for (const [place, value] of damages) replacePart(object, place, value)
    return object
  })

function replacePart(root: JsonObject, place: number, value: unknown): void {
  const places: (() => void)[] = []
  const visit = (part: unknown) => {
    if (typeof part !== 'object' || part === null) return
    for (const key of Object.keys(part)) {
      places.push(() => Object.assign(part, { [key]: structuredClone(value) }))
      visit((part as JsonObject)[key])
    }
  }
  visit(root)
  if (places.length > 0) places[place % places.length]?.()
}

test('objects of the wrong types have owners, too: nothing fails but what refuses them', () => {
  fc.assert(
    fc.property(damaged, damaged, damaged, (before, after, config) => {
      const write = { apiVersion: 'v1', versions }
      const created = updateOwnership({
        ...{ ...write, before: undefined, after: before },
        ...{ managers: new Map(), manager: 'one' },
      })
      const { managers } = updateOwnership({
        ...{ ...write, before, after },
        ...{ managers: created.managers, manager: 'two' },
      })
      const applied = { ...write, live: after, config, managers, manager: 'three', force: true }
      for (const { fields } of applyOwnership(applied).managers.values()) {
        const again = FieldSet.fromFieldsV1(JSON.parse(JSON.stringify(fields.toFieldsV1())))
        expect(again.equals(fields)).toBe(true)
      }
      expect(() => validateApplied(config, schema)).toSatisfy(refusesOrNot)
    }),
    { numRuns: 300 },
  )
})

function refusesOrNot(validate: () => void): boolean {
  try {
    validate()
  } catch (error) {
    return error instanceof TypedValueError && error.faults.length > 0
  }
  return true
}
