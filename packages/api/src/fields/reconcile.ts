import type { StructSchema } from '../schema/schema.js'
import { FieldSet } from './field-set.js'
import { asList, asMap, type JsonObject } from './kinds-of-value.js'
import { itemsByKey } from './list-items.js'
import { ownedParts } from './owned-fields.js'
import { type Shape, structShape } from './shape.js'

/**
 * A set as the schema of today would have it, which may not be the one under which it was written:
 * what is atomic now is owned as a whole, and who owns as a whole what has parts owns the parts
 * that the live object has. The set itself (`===`) when nothing is different.
 */
export function reconcileFields(
  fields: FieldSet,
  live: () => JsonObject,
  schema: StructSchema,
): FieldSet {
  const { folded, wholes } = fitOf(fields, schema)
  return wholes.isEmpty ? folded : folded.union(partsOf(wholes, live(), structShape(schema)))
}

/** What a set is under a schema, without looking at an object. */
interface Fit {
  readonly schema: StructSchema
  /** With what is below atomic values folded into them. */
  readonly folded: FieldSet
  /** What is owned as a whole and has parts. */
  readonly wholes: FieldSet
}

// Derived from immutable sets and schemas and nothing else; a set lives as long as its entry.
const fits = new WeakMap<FieldSet, Fit>()

function fitOf(fields: FieldSet, schema: StructSchema): Fit {
  const known = fits.get(fields)
  if (known?.schema === schema) return known
  const shape = structShape(schema)
  const fit = { schema, folded: fold(fields, shape), wholes: wholesOf(fields, shape) }
  fits.set(fields, fit)
  return fit
}

function partShape(key: string, shape: Shape): Shape | undefined {
  return (key.startsWith('f:') && shape.fields.get(key.slice(2))?.shape) || shape.of
}

function fold(node: FieldSet, shape: Shape): FieldSet {
  if (node.children.size === 0) return node
  if (shape.isLeaf && shape.kind !== 'scalar' && shape.kind !== 'opaque') return FieldSet.leaf
  let children: Map<string, FieldSet> | undefined
  for (const [key, child] of node.children) {
    const of = partShape(key, shape)
    const folded = of ? fold(child, of) : child
    if (folded === child) continue
    children ??= new Map(node.children)
    children.set(key, folded)
  }
  return children ? FieldSet.of(children, node.isMember) : node
}

function wholesOf(node: FieldSet, shape: Shape): FieldSet {
  if (shape.isLeaf) return FieldSet.empty
  if (node.children.size === 0) return node.isMember ? FieldSet.leaf : FieldSet.empty
  const wholes = new Map<string, FieldSet>()
  for (const [key, child] of node.children) {
    const of = partShape(key, shape)
    const inner = of ? wholesOf(child, of) : FieldSet.empty
    if (!inner.isEmpty) wholes.set(key, inner)
  }
  return FieldSet.of(wholes)
}

/** The parts that the live object has of the set's leaves. */
function partsOf(wholes: FieldSet, value: unknown, shape: Shape): FieldSet {
  if (wholes.children.size === 0) return FieldSet.of(ownedParts(value, shape))
  const parts = new Map<string, FieldSet>()
  const list = shape.kind === 'list' ? asList(value) : null
  const items = list && itemsByKey(list, shape)
  const map = asMap(value)
  for (const [key, whole] of wholes.children) {
    const of = partShape(key, shape)
    const part = items ? items.get(key)?.[0] : map?.[key.slice(2)]
    if (!of || part === undefined) continue
    const inner = partsOf(whole, part, of)
    if (!inner.isEmpty) parts.set(key, inner)
  }
  return FieldSet.of(parts)
}
