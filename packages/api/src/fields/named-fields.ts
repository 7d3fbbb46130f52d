import type { StructSchema } from '../schema/schema.js'
import { FieldSet } from './field-set.js'
import { type Shape, structShape } from './shape.js'

/**
 * The set with the structs' own fields that lead to its paths: `.spec.template` for
 * `.spec.template.spec`, but not a map's entries or a list's items.
 */
export function withNamedFields(fields: FieldSet, schema: StructSchema): FieldSet {
  return withNamed(fields, structShape(schema), false)
}

function withNamed(node: FieldSet, shape: Shape | undefined, isNamed: boolean): FieldSet {
  let children: Map<string, FieldSet> | undefined
  for (const [key, child] of node.children) {
    if (child.children.size === 0) continue
    const field = key.startsWith('f:') ? shape?.fields.get(key.slice(2)) : undefined
    const named = withNamed(child, field ? field.shape : shape?.of, field !== undefined)
    if (named === child) continue
    children ??= new Map(node.children)
    children.set(key, named)
  }
  const isMember = node.isMember || isNamed
  if (!children && isMember === node.isMember) return node
  return FieldSet.of(children ?? node.children, isMember)
}
