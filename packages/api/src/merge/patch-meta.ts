import type { FieldSchema, Schema } from '../schema/schema.js'
import { PatchError } from './patch-error.js'

export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const PATCH = '$patch'
export const RETAIN_KEYS = '$retainKeys'
export const SET_ELEMENT_ORDER = '$setElementOrder'
export const DELETE_FROM_PRIMITIVE_LIST = '$deleteFromPrimitiveList'

/** How one field merges. */
export interface PatchMeta {
  /** Of the field's own parts: of the struct, or of the list's items. */
  readonly schema: Schema | undefined
  readonly strategy: 'merge' | 'replace' | undefined
  readonly retainKeys: boolean
  /** Empty for lists of plain values. */
  readonly mergeKey: string
}

const PLAIN: PatchMeta = { schema: undefined, strategy: undefined, retainKeys: false, mergeKey: '' }

/** What the schema says of a field; throws `PatchError` when it doesn't have the field. */
export function patchMetaOf(schema: Schema | undefined, key: string): PatchMeta {
  if (schema?.type === 'map') return { ...PLAIN, schema: schema.values }
  const struct = schema?.type === 'scalar' ? schema.object : schema
  if (struct?.type !== 'struct') return PLAIN
  const field = struct.fields.get(key)
  if (!field) {
    const name = struct.name.split('.').at(-1)
    throw new PatchError(
      `unable to find api field in struct ${name} for the json field ${JSON.stringify(key)}`,
    )
  }
  return {
    schema: field.schema.type === 'list' ? field.schema.items : field.schema,
    ...strategyOf(field),
    mergeKey: field.patchMergeKey ?? '',
  }
}

function strategyOf({ patchStrategies }: FieldSchema): Pick<PatchMeta, 'strategy' | 'retainKeys'> {
  const isStrategy = (each: string): each is 'merge' | 'replace' => each !== 'retainKeys'
  return {
    strategy: patchStrategies.find(isStrategy),
    retainKeys: patchStrategies.includes('retainKeys'),
  }
}
