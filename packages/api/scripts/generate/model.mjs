import { indexTypes, jsonFields, parseType } from './type-expression.mjs'

// Read by src/schema/builtin-model.ts; the bits and the places in the arrays must agree.
const REQUIRED = 1
const ALWAYS = 2
const POINTER = 4
const WIRE_ALWAYS = 8

/** The tables as one small JSON value: short keys, flags as bits, nothing that is the default. */
export function compactModel(tables, discovery) {
  const index = indexTypes(tables)
  const types = {}
  const kinds = []
  for (const table of tables) {
    for (const [name, definition] of Object.entries(table.types))
      types[`${table.prefix}.${name}`] = compactType(definition, table.prefix, index)
    for (const [kind, facts] of Object.entries(table.kinds ?? {}))
      kinds.push({
        group: table.group,
        version: table.version,
        kind,
        prefix: table.prefix,
        ...facts,
      })
  }
  return { groups: discovery.groups, kinds, types }
}

function compactType(definition, prefix, index) {
  const inline = Object.entries(definition.inline ?? {}).map(([name, { type, tag }]) => [
    name,
    compactExpression(parseType(type, prefix, index)),
    tag,
  ])
  return withoutDefaults({
    m: definition.typeMeta ? 1 : undefined,
    a: definition.map === 'atomic' ? 1 : undefined,
    u: definition.unions,
    i: inline.length > 0 ? inline : undefined,
    f: jsonFields(definition, prefix, index).map(({ name, field }) =>
      compactField(name, field, prefix, index),
    ),
  })
}

function compactField(name, field, prefix, index) {
  const flags =
    (field.required ? REQUIRED : 0) |
    (field.always ? ALWAYS : 0) |
    (field.ptr ? POINTER : 0) |
    (field.wire === 'always' ? WIRE_ALWAYS : 0)
  const rest = withoutDefaults({
    proto: field.proto,
    default: field.default,
    enum: field.enum,
    list: field.list,
    keys: field.keys,
    map: field.map,
    patch: field.patch?.split(','),
    patchKey: field.patchKey,
  })
  const compact = [
    name,
    compactExpression(parseType(field.type, prefix, index)),
    field.tag ?? 0,
    flags,
  ]
  if (Object.keys(rest).length > 0) compact.push(rest)
  return compact
}

/**
 * `string`, `core.v1.Pod`, `[T` for a list, `(T` for one that is a message on the wire, `{T` for a
 * map, `?T` for T or a bool, `?T|U` for T or [U].
 */
function compactExpression(type) {
  if (type.list) return `${type.isMessage ? '(' : '['}${compactExpression(type.list)}`
  if (type.map) return `{${compactExpression(type.map)}`
  if (type.struct) return type.struct
  if (!type.object) return type.scalar
  return `?${type.object.struct}${type.items ? `|${compactExpression(type.items)}` : ''}`
}

function withoutDefaults(record) {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
