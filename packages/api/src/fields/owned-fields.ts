import type { StructSchema } from '../schema/schema.js'
import { FieldSet } from './field-set.js'
import { asList, asMap, isEmptyMap, type JsonObject } from './kinds-of-value.js'
import { itemsByKey } from './list-items.js'
import { type Shape, structShape } from './shape.js'

/**
 * The fields that an applier of this object owns: its leaves, the entries of its maps and the items
 * of its lists, but not the structs that lead to them.
 */
export function ownedFields(object: JsonObject, schema: StructSchema): FieldSet {
  return FieldSet.of(ownedParts(object, structShape(schema)))
}

/** Undefined when no part of the value has an owner of its own. */
function ownedParts(value: unknown, shape: Shape): Map<string, FieldSet> | undefined {
  switch (shape.kind) {
    case 'struct':
    case 'map':
    case 'deduced':
      return ownedEntries(asMap(value), shape)
    case 'list':
      return ownedItems(asList(value) ?? [], shape)
    default:
      return undefined
  }
}

function ownedEntries(map: JsonObject | null, shape: Shape): Map<string, FieldSet> | undefined {
  let owned: Map<string, FieldSet> | undefined
  for (const name in map) {
    const value = map[name]
    const field = shape.fields.get(name)
    const of = field ? field.shape : shape.of
    if (value === undefined || !of) continue
    const isMember = !field || isOwnedWhole(value, of)
    const node = FieldSet.of(isLeaf(value, of) ? undefined : ownedParts(value, of), isMember)
    if (node.isEmpty) continue
    owned ??= new Map()
    owned.set(field ? field.key : `f:${name}`, node)
  }
  return owned
}

function ownedItems(list: readonly unknown[], shape: Shape): Map<string, FieldSet> | undefined {
  const owned = new Map<string, FieldSet>()
  const of = shape.of as Shape
  for (const [key, group] of itemsByKey(list, shape)) {
    const parts = group.length > 1 || isLeaf(group[0], of) ? undefined : ownedParts(group[0], of)
    owned.set(key, FieldSet.of(parts, true))
  }
  return owned
}

/** Deduced values are leaves unless they are maps. */
function isLeaf(value: unknown, shape: Shape): boolean {
  return shape.isLeaf || (shape.kind === 'deduced' && !asMap(value))
}

/** Whether a struct's field is owned itself: leaves, null, and maps that hold nothing. */
function isOwnedWhole(value: unknown, shape: Shape): boolean {
  if (value === null || isLeaf(value, shape)) return true
  const map = asMap(value)
  return map !== null && isEmptyMap(map)
}
