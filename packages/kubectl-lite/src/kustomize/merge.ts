import type { FieldSchema, Schema, StructSchema } from '@miniplane/api'
import { isObject } from '../resolve/documents.js'

type JsonObject = Record<string, unknown>

/**
 * A strategic merge as kustomize does it: as the server's, but what the patch names comes first in
 * merged lists, and fields that no schema knows are merged as plain ones. Undefined: the patch
 * takes the whole away.
 */
export function mergeStrategic(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject | undefined {
  const { $patch: directive, ...rest } = patch
  if (directive === 'delete') return undefined
  if (directive === 'replace') return rest
  const result = { ...target }
  for (const [key, value] of Object.entries(rest)) {
    const merged = mergeValue(result[key], value, fieldOf(schema, key))
    if (merged === undefined) delete result[key]
    else result[key] = merged
  }
  return result
}

interface Field {
  readonly schema: Schema | undefined
  readonly field?: FieldSchema
}

function fieldOf(schema: Schema | undefined, key: string): Field {
  if (schema?.type === 'map') return { schema: schema.values }
  const field = schema?.type === 'struct' ? (schema as StructSchema).fields.get(key) : undefined
  return field ? { schema: field.schema, field } : { schema: undefined }
}

function mergeValue(target: unknown, patch: unknown, { schema, field }: Field): unknown {
  if (patch === null) return undefined
  if (isObject(patch)) return mergeStrategic(isObject(target) ? target : {}, patch, schema)
  if (!Array.isArray(patch)) return patch
  if (!field?.patchStrategies.includes('merge') || !Array.isArray(target)) {
    return patch.map((item) => mergeValue(undefined, item, { schema: undefined }))
  }
  const items = schema?.type === 'list' ? schema.items : undefined
  if (field.patchMergeKey) return mergeItems(target, patch, field.patchMergeKey, items)
  return [...patch, ...target.filter((item) => !patch.includes(item))]
}

function mergeItems(
  target: readonly unknown[],
  patch: readonly unknown[],
  key: string,
  schema: Schema | undefined,
): unknown[] {
  const items = patch.filter(isObject)
  if (items.some((item) => item.$patch === 'replace')) {
    return items.filter((item) => item.$patch === undefined)
  }
  const keyOf = (item: unknown) => (isObject(item) ? item[key] : undefined)
  const rest = target.filter((one) => !items.some((item) => keyOf(item) === keyOf(one)))
  const merged = items.map((item) => {
    const same = target.find((one) => keyOf(one) === keyOf(item))
    return mergeStrategic(isObject(same) ? same : {}, item, schema)
  })
  return [...merged.filter((item) => item !== undefined), ...rest]
}
