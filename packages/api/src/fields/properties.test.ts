import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryObject, arbitraryStored } from '../schema/arbitrary-object.suite.js'
import { namedSchema } from '../schema/builtin-model.js'
import type { StructSchema } from '../schema/schema.js'
import { ApplyConflict, applyOwnership } from './apply-ownership.js'
import { compareFields } from './compare-fields.js'
import type { FieldSet } from './field-set.js'
import type { ManagedSets, Versions } from './managed-sets.js'
import { mergeApplied } from './merge-applied.js'
import { ownedFields } from './owned-fields.js'
import { formatPath, type PathElement } from './path-element.js'
import { removeFields } from './remove-fields.js'
import { updateOwnership } from './update-ownership.js'
import { validateApplied } from './validate-applied.js'

type JsonObject = Record<string, unknown>

const KINDS = ['core.v1.ConfigMap', 'core.v1.Service', 'core.v1.Pod', 'apps.v1.Deployment']

describe.each(KINDS)('%s', (name) => {
  const schema = namedSchema(name)
  const configs = arbitraryObject(schema)
  const stored = arbitraryStored(schema)
  const numRuns = 40

  test('any object is of its type', () => {
    fc.assert(
      fc.property(configs, stored, (config, object) => {
        validateApplied(config, schema)
        validateApplied(object, schema)
      }),
      { numRuns },
    )
  })

  test('every path that is owned exists', () => {
    fc.assert(
      fc.property(configs, (config) => {
        for (const path of ownedFields(config, schema).paths())
          expect(valueAt(config, path), formatPath(path)).not.toBe(undefined)
      }),
      { numRuns },
    )
  })

  test('nothing changes between an object and its copy, and what is added one way is removed the other', () => {
    fc.assert(
      fc.property(stored, stored, (a, b) => {
        const same = compareFields(a, structuredClone(a), schema)
        expect(Object.values(same).every((set) => set.isEmpty)).toBe(true)
        const there = compareFields(a, b, schema)
        const back = compareFields(b, a, schema)
        expect(there.added.toFieldsV1()).toEqual(back.removed.toFieldsV1())
        expect(there.modified.toFieldsV1()).toEqual(back.modified.toFieldsV1())
      }),
      { numRuns },
    )
  })

  test('the merged object holds the configuration, and all that only the live one had', () => {
    fc.assert(
      fc.property(stored, configs, (live, config) => {
        const merged = mergeApplied(live, config, schema)
        const owned = ownedFields(config, schema)
        for (const path of owned.leaves().paths()) {
          const value = valueAt(config, path)
          if (!isEmpty(value)) expect(valueAt(merged, path), formatPath(path)).toEqual(value)
        }
        const { removed, modified } = compareFields(live, merged, schema)
        expect(removed.toFieldsV1()).toEqual({})
        expect(modified.difference(owned).toFieldsV1()).toEqual({})
        expect(mergeApplied(merged, config, schema)).toBe(merged)
      }),
      { numRuns },
    )
  })

  test('without its fields an object has none of them', () => {
    fc.assert(
      fc.property(stored, configs, (object, other) => {
        const fields = ownedFields(other, schema)
        const rest = ownedFields(removeFields(object, fields, schema), schema)
        expect(rest.intersection(fields).toFieldsV1()).toEqual({})
      }),
      { numRuns },
    )
  })

  test('to apply twice is to apply once', () => {
    fc.assert(
      fc.property(stored, configs, (live, config) => {
        const once = apply(schema, { live, managers: creator(live, schema) }, 'one', config)
        const twice = apply(schema, once, 'one', config)
        expect(twice.live).toBe(once.live)
        expect(owners(twice.managers)).toEqual(owners(once.managers))
      }),
      { numRuns },
    )
  })

  test('appliers that have no conflict may come in any order', () => {
    fc.assert(
      fc.property(stored, configs, configs, (live, a, b) => {
        const start = { live, managers: creator(live, schema) }
        const ab = inTurn(schema, start, ['a', a], ['b', b])
        const ba = inTurn(schema, start, ['b', b], ['a', a])
        if (!ab || !ba) return
        const changes = compareFields(ab.live, ba.live, schema)
        expect(Object.values(changes).map((set) => set.toFieldsV1())).toEqual([{}, {}, {}])
        expect(owners(ab.managers)).toEqual(owners(ba.managers))
      }),
      { numRuns: numRuns * 2 },
    )
  })

  test('who applies nothing owns nothing, and leaves nothing behind that only it owned', () => {
    fc.assert(
      fc.property(stored, configs, (live, config) => {
        const start = { live, managers: creator(live, schema) }
        const applied = apply(schema, start, 'one', config)
        const gone = apply(schema, applied, 'one', {})
        expect(gone.managers.has('one')).toBe(false)
        const before = ownedFields(live, schema)
        const own = ownedFields(config, schema).leaves()
        for (const path of own.paths())
          if (!startsWithMember(before, path) && !isEmpty(valueAt(config, path)))
            expect(isEmpty(valueAt(gone.live, path)), formatPath(path)).toBe(true)
      }),
      { numRuns },
    )
  })

  test('after any update everything that is owned exists', () => {
    fc.assert(
      fc.property(fc.array(stored, { minLength: 2, maxLength: 4 }), (states) => {
        let managers: ManagedSets = new Map()
        let before: JsonObject | undefined
        for (const [i, after] of states.entries()) {
          const write = { before, after, apiVersion: 'v1', versions: versions(schema) }
          managers = updateOwnership({ ...write, managers, manager: `m${i % 3}` }).managers
          before = after
        }
        for (const [manager, { fields }] of managers)
          for (const path of fields.paths())
            expect(valueAt(before, path), `${manager} ${formatPath(path)}`).not.toBe(undefined)
      }),
      { numRuns },
    )
  })
})

interface State {
  readonly live: JsonObject
  readonly managers: ManagedSets
}

function versions(schema: StructSchema): Versions {
  return { schemaOf: () => schema, convert: (object) => object }
}

function creator(live: JsonObject, schema: StructSchema): ManagedSets {
  const write = { before: undefined, after: live, apiVersion: 'v1', managers: new Map() }
  return updateOwnership({ ...write, manager: 'creator', versions: versions(schema) }).managers
}

function apply(
  schema: StructSchema,
  { live, managers }: State,
  manager: string,
  config: JsonObject,
  force = true,
): State {
  const given = { live, config, apiVersion: 'v1', managers, manager, force }
  const result = applyOwnership({ ...given, versions: versions(schema) })
  return { live: result.object ?? live, managers: result.managers }
}

/** Undefined when one of them has a conflict. */
function inTurn(
  schema: StructSchema,
  start: State,
  ...turns: readonly (readonly [string, JsonObject])[]
): State | undefined {
  try {
    return turns.reduce((state, [manager, config]) => {
      return apply(schema, state, manager, config, false)
    }, start)
  } catch (error) {
    if (error instanceof ApplyConflict) return undefined
    throw error
  }
}

const owners = (managers: ManagedSets) =>
  Object.fromEntries([...managers].map(([name, { fields }]) => [name, fields.toFieldsV1()]))

function valueAt(object: unknown, path: readonly PathElement[]): unknown {
  return path.reduce((value, element) => partOf(value, element), object)
}

function partOf(value: unknown, element: PathElement): unknown {
  if (value === null || value === undefined) return undefined
  switch (element.kind) {
    case 'field':
      return (value as JsonObject)[element.name]
    case 'key':
      return (value as JsonObject[]).find((item) =>
        element.fields.every(([name, key]) => item[name] === undefined || item[name] === key),
      )
    case 'value':
      return (value as unknown[]).find((item) => item === element.value)
    case 'index':
      return (value as unknown[])[element.index]
  }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function startsWithMember(fields: FieldSet, path: readonly PathElement[]): boolean {
  return path.some((_, i) => fields.has(path.slice(0, i + 1)))
}
