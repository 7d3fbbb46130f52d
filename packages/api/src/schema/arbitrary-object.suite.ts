import fc from 'fast-check'
import { decodeObject } from './decode.js'
import type { FieldSchema, ScalarName, Schema, StructSchema } from './schema.js'

type JsonObject = Record<string, unknown>

/** How deep an object goes: enough for a Deployment's container's port. */
const MAX_DEPTH = 9
const MAX_FIELDS = 4
const MAX_ITEMS = 3

/**
 * The fields that tell a list's items apart; none for items that are their own identity, and
 * undefined for lists that may hold anything twice.
 */
type Identify = (field: FieldSchema) => readonly string[] | undefined

/** As server-side apply tells items apart. */
const byListType: Identify = ({ listType, listMapKeys }) =>
  listType === 'map' ? listMapKeys : listType === 'set' ? [] : undefined

/** As strategic merge patches do. */
export const byMergeKey: Identify = ({ patchStrategies, patchMergeKey }) => {
  if (!patchStrategies.includes('merge')) return undefined
  return patchMergeKey === undefined ? [] : [patchMergeKey]
}

/**
 * Any object of the type, of few values in few fields, so that two of them have much in common and
 * much that differs. Lists whose items can be told apart hold none twice.
 */
export function arbitraryObject(
  schema: StructSchema,
  identify: Identify = byListType,
): fc.Arbitrary<JsonObject> {
  return fc.gen().map((gen) => new Maker(gen, identify).struct(schema, 0, []))
}

/** The same as a server holds it: decoded, so that nothing is empty that can't be. */
export function arbitraryStored(schema: StructSchema): fc.Arbitrary<JsonObject> {
  return arbitraryObject(schema).map((object) => decodeObject(object, schema).object)
}

class Maker {
  readonly #gen: fc.GeneratorValue
  readonly #identify: Identify

  constructor(gen: fc.GeneratorValue, identify: Identify) {
    this.#gen = gen
    this.#identify = identify
  }

  struct(schema: StructSchema, depth: number, needed: readonly string[]): JsonObject {
    const object: JsonObject = {}
    const names = [...schema.fields.keys()]
    const wanted = new Set(needed)
    const more = depth >= MAX_DEPTH ? 0 : this.#gen(fc.integer, { min: 0, max: MAX_FIELDS })
    // The first level leads to everything else: without it most objects would be empty.
    if (depth === 0) for (const name of names) if (ROOTS.has(name)) wanted.add(name)
    for (let i = 0; i < more && names.length > 0; i++)
      wanted.add(this.#gen(fc.constantFrom, ...names))
    for (const name of wanted) {
      const field = schema.fields.get(name) as FieldSchema
      object[name] = this.#value(field.schema, depth + 1, field)
    }
    return object
  }

  #value(schema: Schema, depth: number, field?: FieldSchema): unknown {
    switch (schema.type) {
      case 'scalar':
        return this.#gen(fc.constantFrom<unknown[]>, ...SCALARS[schema.scalar])
      case 'struct':
        return this.struct(schema, depth, [])
      case 'map': {
        const keys = this.#gen(fc.subarray<string>, ['a', 'b.example.com/c', 'd'])
        return Object.fromEntries(keys.map((key) => [key, this.#value(schema.values, depth + 1)]))
      }
      case 'list':
        return this.#list(schema.items, depth, field && this.#identify(field))
    }
  }

  #list(items: Schema, depth: number, keys: readonly string[] | undefined): unknown[] {
    const length = this.#gen(fc.integer, { min: 0, max: depth >= MAX_DEPTH ? 1 : MAX_ITEMS })
    const all = Array.from({ length }, () =>
      items.type === 'struct'
        ? this.struct(items, depth + 1, keys ?? [])
        : this.#value(items, depth + 1),
    )
    if (!keys) return all
    const identity = (item: unknown) =>
      JSON.stringify(keys.length > 0 ? keys.map((key) => (item as JsonObject)[key]) : item)
    return [...new Map(all.map((item) => [identity(item), item])).values()]
  }
}

const ROOTS = new Set(['metadata', 'spec', 'data'])

const SCALARS: Readonly<Record<ScalarName, readonly unknown[]>> = {
  string: ['a', 'b', 'c.example.com', 'x < "y"'],
  int32: [1, 2, 80],
  int64: [1, 30, 9007199254740991],
  bool: [true],
  double: [0.5, 2],
  bytes: ['YQ==', 'YmM='],
  quantity: ['1', '500m', '1Gi'],
  intOrString: [80, 'http', '25%'],
  time: ['2026-01-02T03:04:05Z', '2026-11-21T00:00:00Z'],
  microTime: ['2026-01-02T03:04:05.000006Z'],
  duration: ['5s', '1h0m0s'],
  raw: [{ a: { b: 1 } }, { a: { c: [1] } }],
  json: ['x', 1, { a: { b: 1, c: 'd' } }, { a: 'b' }, [1, { a: 2 }]],
  fieldsV1: [{ 'f:a': {} }],
}
