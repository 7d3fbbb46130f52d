const SCALARS = new Set(
  'string int32 int64 bool double bytes quantity intOrString time microTime duration raw fieldsV1 json'.split(
    ' ',
  ),
)

/**
 * A field's `type` as one of `{ scalar }`, `{ list }`, `{ map }`, `{ struct }`, the last with the
 * full name. `index` has every type of every table by full name.
 */
export function parseType(type, prefix, index) {
  if (Array.isArray(type)) return { list: parseType(type[0], prefix, index) }
  if (typeof type === 'object') return { map: parseType(type.string, prefix, index) }
  if (SCALARS.has(type)) return { scalar: type }
  const name = index.has(type) ? type : `${prefix}.${type}`
  const definition = index.get(name)
  if (!definition) throw new Error(`${prefix}: no such type: ${type}`)
  return jsonForm(definition, prefix, index) ?? { struct: name }
}

/** Types whose JSON is not an object of their fields stand for that JSON. */
function jsonForm({ json }, prefix, index) {
  if (json === undefined) return undefined
  if (json === '[string]') return { list: { scalar: 'string' }, isMessage: true }
  if (json.startsWith('any JSON')) return { scalar: 'json' }
  const either = /^(\w+) \| (.+)$/.exec(json)
  if (!either) throw new Error(`${prefix}: can't read the JSON form ${json}`)
  const object = parseType(either[1], prefix, index)
  if (either[2] === 'bool') return { scalar: 'json', object }
  return {
    scalar: 'json',
    object,
    items: parseType(/^\[(\w+)\]$/.exec(either[2])[1], prefix, index),
  }
}

export function indexTypes(tables) {
  const index = new Map()
  for (const { prefix, types } of tables)
    for (const [name, definition] of Object.entries(types))
      index.set(`${prefix}.${name}`, definition)
  return index
}

/**
 * A type's own and inlined fields, those that JSON has, in the order in which the real server writes
 * them: its own as the table lists them, inlined ones where their number places them among those.
 */
export function jsonFields(definition, prefix, index) {
  const own = Object.entries(definition.fields ?? {})
    .filter(([, field]) => field.json !== false)
    .map(([name, field]) => ({ name, field }))
  const placed = own.map((entry, at) => ({ ...entry, at }))
  for (const inlined of Object.values(definition.inline ?? {})) {
    if (definition.typeMeta && inlined.type === 'TypeMeta') continue
    const inner = index.get(index.has(inlined.type) ? inlined.type : `${prefix}.${inlined.type}`)
    const at = own.filter(({ field }) => (field.tag ?? 0) < inlined.tag).length - 0.5
    for (const entry of jsonFields(inner, prefix, index))
      placed.push({ name: entry.name, field: entry.field, at })
  }
  return placed.sort((a, b) => a.at - b.at).map(({ name, field }) => ({ name, field }))
}
