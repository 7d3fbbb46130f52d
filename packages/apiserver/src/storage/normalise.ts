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
  /** In the schema's order; undefined for what says the type of an object. */
  readonly fields: readonly (FieldSchema | undefined)[]
  readonly names: readonly string[]
  /** A field's place, by name. */
  readonly ranks: ReadonlyMap<string, number>
  /** The places of those that are always written. */
  readonly always: readonly number[]
}

// Derived from an immutable schema and kept as long as that lives, so not state of any server.
const plans = new WeakMap<StructSchema, Plan>()

function planOf(schema: StructSchema): Plan {
  let plan = plans.get(schema)
  if (!plan) {
    const type = schema.typeMeta ? ['kind', 'apiVersion'] : []
    const names = [...new Set([...type, ...schema.fields.keys()])]
    const fields = names.map((name) => schema.fields.get(name))
    const ranks = new Map(names.map((name, rank) => [name, rank]))
    plan = { fields, names, ranks, always: [...ranks.values()].filter((i) => fields[i]?.always) }
    plans.set(schema, plan)
  }
  return plan
}

function normaliseStruct(value: Record<string, unknown>, schema: StructSchema): unknown {
  const plan = planOf(schema)
  let isInOrder = true
  let alwaysThere = 0
  let last = -1
  /** Fields that look otherwise than before, by place. */
  let changed: Map<number, unknown> | undefined
  for (const name in value) {
    const rank = plan.ranks.get(name) ?? UNKNOWN
    if (rank < last) isInOrder = false
    last = rank
    const field = plan.fields[rank]
    if (!field) continue
    const child = value[name]
    if (field.always && child !== undefined) alwaysThere++
    const next = normaliseField(child, field)
    if (next !== child) {
      changed ??= new Map()
      changed.set(rank, next)
    }
  }
  if (isInOrder && !changed && alwaysThere === plan.always.length) return value
  return inOrder(value, plan, changed)
}

const UNKNOWN = Number.MAX_SAFE_INTEGER

/** The fields that are there or always written, then those that nobody knows. */
function inOrder(
  value: Record<string, unknown>,
  { fields, names, ranks, always }: Plan,
  changed: ReadonlyMap<number, unknown> | undefined,
): Record<string, unknown> {
  const places: number[] = []
  const unknown: string[] = []
  for (const name in value) {
    const rank = ranks.get(name)
    if (rank === undefined) unknown.push(name)
    else if (value[name] !== undefined) insert(places, rank)
  }
  for (const rank of always) if (value[names[rank] as string] === undefined) insert(places, rank)
  const result: Record<string, unknown> = {}
  for (const rank of places) {
    const name = names[rank] as string
    let child = value[name]
    if (child === undefined) child = emptyOf(fields[rank] as FieldSchema)
    else if (changed?.has(rank)) child = changed.get(rank)
    result[name] = child
  }
  for (const name of unknown) setOwn(result, name, value[name])
  return result
}

/** Keeps the order; they come nearly in it. */
function insert(places: number[], rank: number): void {
  let at = places.length
  places.push(rank)
  for (; at > 0 && (places[at - 1] as number) > rank; at--) places[at] = places[at - 1] as number
  places[at] = rank
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
  let changed: unknown[] | undefined
  for (let i = 0; i < list.length; i++) {
    const next = normalise(list[i], items)
    if (next === list[i]) continue
    changed ??= [...list]
    changed[i] = next
  }
  return changed ?? list
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
