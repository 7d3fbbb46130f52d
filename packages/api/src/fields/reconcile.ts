import type { StructSchema } from '../schema/schema.js'
import { FieldSet } from './field-set.js'
import { type Shape, structShape } from './shape.js'

/**
 * A set as the schema of today would have it, which may not be the one under which it was written:
 * what is atomic now is owned as a whole. The set itself (`===`) when nothing is different.
 *
 * The reverse is left alone: that a map is owned and nothing in it may mean that it was atomic, or
 * that it was empty.
 */
export function reconcileFields(fields: FieldSet, schema: StructSchema): FieldSet {
  const known = reconciled.get(fields)
  if (known?.schema === schema) return known.fields
  const fitting = fold(fields, structShape(schema))
  reconciled.set(fields, { schema, fields: fitting })
  return fitting
}

// Derived from immutable sets and schemas and nothing else; a set lives as long as its entry.
const reconciled = new WeakMap<FieldSet, { schema: StructSchema; fields: FieldSet }>()

function fold(node: FieldSet, shape: Shape): FieldSet {
  if (node.children.size === 0) return node
  if (shape.isLeaf && FOLDED.has(shape.kind)) return FieldSet.leaf
  let children: Map<string, FieldSet> | undefined
  for (const [key, child] of node.children) {
    const field = key.startsWith('f:') ? shape.fields.get(key.slice(2)) : undefined
    const of = field ? field.shape : shape.of
    const folded = of ? fold(child, of) : child
    if (folded === child) continue
    children ??= new Map(node.children)
    children.set(key, folded)
  }
  return children ? FieldSet.of(children, node.isMember) : node
}

const FOLDED: ReadonlySet<Shape['kind']> = new Set<Shape['kind']>(['struct', 'map', 'list'])
