import { type FieldSchema, type Schema, type StructSchema, setOwn } from '@miniplane/api'

/**
 * The form in which the real server writes a value: the fields of every struct in the schema's
 * order, those that are always written there even when empty, and empty lists and maps as null
 * where nothing else can be told apart in the store. What has that form already is returned as it
 * is; nothing is changed in place. Fields that the schema does not know come last.
 */
export function normalise<T>(value: T, schema: Schema): T {
  if (value === null || typeof value !== 'object') return value
  switch (schema.type) {
    case 'struct':
      return normaliseStruct(value as Record<string, unknown>, schema) as T
    case 'list':
      return Array.isArray(value) ? (normaliseList(value, schema.items) as T) : value
    case 'map':
      return schema.values.type === 'scalar'
        ? value
        : (normaliseMap(value as Record<string, unknown>, schema.values) as T)
    default:
      return value
  }
}

interface Place {
  readonly rank: number
  /** Undefined for what says the type of an object. */
  readonly field: FieldSchema | undefined
}

interface Plan {
  /** In the schema's order. */
  readonly places: ReadonlyMap<string, Place>
  /** How many fields are always written. */
  readonly always: number
}

// Derived from an immutable schema and kept as long as that lives, so not state of any server.
const plans = new WeakMap<StructSchema, Plan>()

function planOf(schema: StructSchema): Plan {
  let plan = plans.get(schema)
  if (!plan) {
    const names = [...(schema.typeMeta ? ['kind', 'apiVersion'] : []), ...schema.fields.keys()]
    const places = [...new Set(names)].map((name, rank) => {
      const place: Place = { rank, field: schema.fields.get(name) }
      return [name, place] as const
    })
    const always = [...schema.fields.values()].filter((field) => field.always).length
    plan = { places: new Map(places), always }
    plans.set(schema, plan)
  }
  return plan
}

const UNKNOWN = Number.MAX_SAFE_INTEGER

function normaliseStruct(value: Record<string, unknown>, schema: StructSchema): unknown {
  const { places, always } = planOf(schema)
  let isInOrder = true
  let hasUnknown = false
  let alwaysThere = 0
  let last = -1
  /** Fields that look otherwise than before. */
  let changed: Map<string, unknown> | undefined
  for (const key of Object.keys(value)) {
    const child = value[key]
    const place = places.get(key)
    const rank = place?.rank ?? UNKNOWN
    if (rank < last) isInOrder = false
    last = rank
    hasUnknown ||= place === undefined
    const field = place?.field
    if (!field) continue
    if (field.always && child !== undefined) alwaysThere++
    const next = normaliseField(child, field)
    if (next === child) continue
    changed ??= new Map()
    changed.set(key, next)
  }
  if (isInOrder && !changed && alwaysThere === always) return value
  const result: Record<string, unknown> = {}
  for (const [name, { field }] of places) {
    let child = Object.hasOwn(value, name) ? value[name] : undefined
    if (child === undefined) {
      if (!field?.always) continue
      child = emptyOf(field)
    } else if (changed?.has(name)) child = changed.get(name)
    result[name] = child
  }
  if (hasUnknown)
    for (const key of Object.keys(value)) if (!places.has(key)) setOwn(result, key, value[key])
  return result
}

function normaliseField(value: unknown, { schema, always, pointer }: FieldSchema): unknown {
  if (always && !pointer && isEmptyCollection(value, schema)) return null
  return normalise(value, schema)
}

function isEmptyCollection(value: unknown, { type }: Schema): boolean {
  if (type === 'list') return Array.isArray(value) && value.length === 0
  return (
    type === 'map' && typeof value === 'object' && value !== null && Object.keys(value).length === 0
  )
}

/** What stands for a field that nobody set and that is written nevertheless. */
function emptyOf({ schema, pointer }: FieldSchema): unknown {
  if (pointer || schema.type === 'list' || schema.type === 'map') return null
  if (schema.type === 'struct') return normaliseStruct({}, schema)
  switch (schema.scalar) {
    case 'string':
      return ''
    case 'int32':
    case 'int64':
    case 'double':
      return 0
    case 'bool':
      return false
    case 'quantity':
      return '0'
    case 'intOrString':
      return 0
    default:
      return null
  }
}

function normaliseList(list: readonly unknown[], items: Schema): readonly unknown[] {
  if (items.type === 'scalar') return list
  let isChanged = false
  const result = list.map((item) => {
    const next = normalise(item, items)
    if (next !== item) isChanged = true
    return next
  })
  return isChanged ? result : list
}

function normaliseMap(map: Record<string, unknown>, values: Schema): Record<string, unknown> {
  let isChanged = false
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(map)) {
    const next = normalise(value, values)
    if (next !== value) isChanged = true
    setOwn(result, key, next)
  }
  return isChanged ? result : map
}
