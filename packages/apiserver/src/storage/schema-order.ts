import type { Schema, StructSchema } from '@miniplane/api'

/**
 * The same value with the fields of every struct in the schema's order, as the real server writes
 * them. What is in order already is returned as it is; nothing is changed in place. Fields that
 * the schema does not know come last, in their order.
 */
export function inSchemaOrder<T>(value: T, schema: Schema): T {
  if (value === null || typeof value !== 'object') return value
  switch (schema.type) {
    case 'struct':
      return orderStruct(value as Record<string, unknown>, schema) as T
    case 'list':
      return Array.isArray(value) ? (orderList(value, schema.items) as T) : value
    case 'map':
      return schema.values.type === 'scalar'
        ? value
        : (orderMap(value as Record<string, unknown>, schema.values) as T)
    default:
      return value
  }
}

function orderStruct(value: Record<string, unknown>, schema: StructSchema): unknown {
  const keys = Object.keys(value)
  let inOrder = true
  let changed = false
  let last = -1
  const children: unknown[] = []
  const ranks = ranksOf(schema)
  for (const key of keys) {
    const child = value[key]
    const field = schema.fields.get(key)
    const rank = ranks.get(key) ?? UNKNOWN
    if (rank < last) inOrder = false
    last = rank
    const ordered = field ? inSchemaOrder(child, field.schema) : child
    if (ordered !== child) changed = true
    children.push(ordered)
  }
  if (inOrder && !changed) return value
  const order = inOrder
    ? keys.map((_, i) => i)
    : keys
        .map((_, i) => i)
        .sort((a, b) => (ranks.get(keys[a] ?? '') ?? UNKNOWN) - (ranks.get(keys[b] ?? '') ?? UNKNOWN))
  const result: Record<string, unknown> = {}
  for (const i of order) result[keys[i] ?? ''] = children[i]
  return result
}

const UNKNOWN = Number.MAX_SAFE_INTEGER

// Derived from an immutable schema and kept as long as that lives, so not state of any server.
const ranksBySchema = new WeakMap<StructSchema, ReadonlyMap<string, number>>()

function ranksOf(schema: StructSchema): ReadonlyMap<string, number> {
  let ranks = ranksBySchema.get(schema)
  if (!ranks) {
    const names = schema.typeMeta ? ['kind', 'apiVersion', ...schema.fields.keys()] : schema.fields.keys()
    ranks = new Map([...new Set(names)].map((name, rank) => [name, rank]))
    ranksBySchema.set(schema, ranks)
  }
  return ranks
}

function orderList(list: readonly unknown[], items: Schema): readonly unknown[] {
  if (items.type === 'scalar') return list
  let changed = false
  const ordered = list.map((item) => {
    const next = inSchemaOrder(item, items)
    if (next !== item) changed = true
    return next
  })
  return changed ? ordered : list
}

function orderMap(map: Record<string, unknown>, values: Schema): Record<string, unknown> {
  let changed = false
  const ordered: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(map)) {
    ordered[key] = inSchemaOrder(value, values)
    if (ordered[key] !== value) changed = true
  }
  return changed ? ordered : map
}
