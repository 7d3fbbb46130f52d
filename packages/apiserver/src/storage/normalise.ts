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

interface Plan {
  readonly ranks: ReadonlyMap<string, number>
  readonly always: readonly FieldSchema[]
}

// Derived from an immutable schema and kept as long as that lives, so not state of any server.
const plans = new WeakMap<StructSchema, Plan>()

function planOf(schema: StructSchema): Plan {
  let plan = plans.get(schema)
  if (!plan) {
    const names = [...(schema.typeMeta ? ['kind', 'apiVersion'] : []), ...schema.fields.keys()]
    plan = {
      ranks: new Map([...new Set(names)].map((name, rank) => [name, rank])),
      always: [...schema.fields.values()].filter(({ always }) => always),
    }
    plans.set(schema, plan)
  }
  return plan
}

const UNKNOWN = Number.MAX_SAFE_INTEGER

function normaliseStruct(value: Record<string, unknown>, schema: StructSchema): unknown {
  const { ranks, always } = planOf(schema)
  let isInOrder = true
  let isChanged = false
  let last = -1
  const entries: [key: string, value: unknown, rank: number][] = []
  for (const key of Object.keys(value)) {
    const child = value[key]
    const rank = ranks.get(key) ?? UNKNOWN
    if (rank < last) isInOrder = false
    last = rank
    const field = schema.fields.get(key)
    const next = field ? normaliseField(child, field) : child
    if (next !== child) isChanged = true
    entries.push([key, next, rank])
  }
  for (const field of always) {
    if (value[field.name] !== undefined) continue
    isInOrder = false
    isChanged = true
    entries.push([field.name, emptyOf(field), ranks.get(field.name) ?? UNKNOWN])
  }
  if (isInOrder && !isChanged) return value
  if (!isInOrder) entries.sort((a, b) => a[2] - b[2])
  const result: Record<string, unknown> = {}
  for (const [key, child] of entries) setOwn(result, key, child)
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
