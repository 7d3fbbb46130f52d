import { setOwn } from '../json/equality.js'
import type { StructSchema } from '../schema/schema.js'
import type { FieldSet } from './field-set.js'
import { asList, asMap, type JsonObject } from './kinds-of-value.js'
import { keyOrNone } from './list-items.js'
import { type Shape, structShape } from './shape.js'

/**
 * The object without the fields of the set, and all that is below them. Parents that lose
 * everything are null. The result shares what is unchanged, and is the object itself when nothing
 * was to be removed.
 */
export function removeFields(
  object: JsonObject,
  fields: FieldSet,
  schema: StructSchema,
): JsonObject {
  if (fields.isEmpty) return object
  return asMap(without(object, fields, structShape(schema))) ?? {}
}

/**
 * Only the fields of the set, with what is needed to reach them: the keys of list items are there
 * when they are in the set themselves.
 */
export function extractFields(
  object: JsonObject,
  fields: FieldSet,
  schema: StructSchema,
): JsonObject {
  return asMap(only(object, fields, structShape(schema))) ?? {}
}

function without(value: unknown, fields: FieldSet, shape: Shape): unknown {
  if (shape.kind === 'scalar' || shape.kind === 'opaque') return value
  const list = asList(value)
  if (list && shape.kind === 'list') return shape.isLeaf ? null : listWithout(list, fields, shape)
  const map = asMap(value)
  if (!map || shape.kind === 'list') return value
  return shape.isLeaf ? null : mapWithout(map, fields, shape)
}

function mapWithout(map: JsonObject, fields: FieldSet, shape: Shape): JsonObject | null {
  let rest: JsonObject | undefined
  for (const name in map) {
    const field = shape.fields.get(name)
    const node = fields.children.get(field ? field.key : `f:${name}`)
    if (!node) continue
    if (node.isMember) {
      rest ??= { ...map }
      delete rest[name]
      continue
    }
    const of = field ? field.shape : shape.of
    const value = of ? without(map[name], node, of) : map[name]
    if (value === map[name]) continue
    rest ??= { ...map }
    setOwn(rest, name, value)
  }
  if (!rest) return map
  return Object.keys(rest).length > 0 ? rest : null
}

function listWithout(
  list: readonly unknown[],
  fields: FieldSet,
  shape: Shape,
): readonly unknown[] | null {
  const rest: unknown[] = []
  let isSame = true
  for (const item of list) {
    const key = keyOrNone(item, shape)
    const node = key === undefined ? undefined : fields.children.get(key)
    if (node?.isMember) {
      isSame = false
      continue
    }
    const kept = node ? without(item, node, shape.of as Shape) : item
    if (kept !== item) isSame = false
    rest.push(kept)
  }
  if (isSame) return list
  return rest.length > 0 ? rest : null
}

function only(value: unknown, fields: FieldSet, shape: Shape): unknown {
  if (shape.isLeaf) return value
  const list = asList(value)
  if (list) return shape.kind === 'list' ? onlyItems(list, fields, shape) : value
  const map = asMap(value)
  return map ? onlyEntries(map, fields, shape) : value
}

function onlyEntries(map: JsonObject, fields: FieldSet, shape: Shape): JsonObject | null {
  const kept: JsonObject = {}
  for (const name in map) {
    const field = shape.fields.get(name)
    const node = fields.children.get(field ? field.key : `f:${name}`)
    if (!node) continue
    const of = field ? field.shape : shape.of
    setOwn(kept, name, of && node.children.size > 0 ? only(map[name], node, of) : map[name])
  }
  return Object.keys(kept).length > 0 ? kept : null
}

function onlyItems(
  list: readonly unknown[],
  fields: FieldSet,
  shape: Shape,
): readonly unknown[] | null {
  const kept: unknown[] = []
  for (const item of list) {
    const key = keyOrNone(item, shape)
    const node = key === undefined ? undefined : fields.children.get(key)
    if (!node) continue
    kept.push(node.children.size > 0 ? only(item, node, shape.of as Shape) : item)
  }
  return kept.length > 0 ? kept : null
}
