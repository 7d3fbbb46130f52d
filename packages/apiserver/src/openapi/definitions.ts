import type { FieldSchema, Schema, StructSchema } from '@miniplane/api'
import { type Descriptions, TYPE_META } from './descriptions.js'
import { definitionName, SCALAR_DEFINITIONS } from './names.js'

export type Json = Record<string, unknown>

/** OpenAPI 2 keeps types in `definitions`, 3 in `components.schemas`. */
export type Dialect = 2 | 3

/** Collects the definitions that a document's paths lead to, each once. */
export class DefinitionWriter {
  readonly definitions: Record<string, Json> = {}
  readonly #dialect: Dialect
  readonly #descriptions: Descriptions
  readonly #kinds: ReadonlyMap<string, readonly Json[]>

  /** `kinds`: which group, version and kind stand behind a type that is a kind. */
  constructor(
    dialect: Dialect,
    descriptions: Descriptions,
    kinds: ReadonlyMap<string, readonly Json[]>,
  ) {
    this.#dialect = dialect
    this.#descriptions = descriptions
    this.#kinds = kinds
  }

  /** A reference to a struct, whose definition and all it needs is in the document then. */
  reference(struct: StructSchema): Json {
    const name = definitionName(struct.name)
    if (!this.definitions[name]) {
      // Known before its fields are written, because some types contain themselves.
      this.definitions[name] = {}
      this.definitions[name] = this.#struct(struct)
    }
    return this.pointer(name)
  }

  pointer(name: string): Json {
    return { $ref: `${this.#dialect === 3 ? '#/components/schemas/' : '#/definitions/'}${name}` }
  }

  #struct(struct: StructSchema): Json {
    const properties: Record<string, Json> = {}
    const required: string[] = []
    if (struct.typeMeta) {
      properties.apiVersion = { description: TYPE_META.apiVersion, type: 'string' }
      properties.kind = { description: TYPE_META.kind, type: 'string' }
    }
    for (const field of struct.fields.values()) {
      if (properties[field.name]) continue
      properties[field.name] = this.#field(struct, field)
      if (field.required) required.push(field.name)
    }
    const kinds = this.#kinds.get(struct.name)
    return {
      ...described(this.#descriptions.of(struct.name)),
      type: 'object',
      ...(required.length > 0 && { required }),
      properties: Object.fromEntries(Object.entries(properties).sort(byKey)),
      ...(kinds && { 'x-kubernetes-group-version-kind': kinds }),
      ...(struct.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    }
  }

  #field(struct: StructSchema, field: FieldSchema): Json {
    const schema = this.#schema(field.schema)
    // In version 3 nothing may stand beside a reference; defaults are there only.
    const isWrapped = '$ref' in schema && this.#dialect === 3
    return {
      ...described(this.#descriptions.of(struct.name, field.name)),
      ...(isWrapped ? { allOf: [schema] } : schema),
      ...(this.#dialect === 3 && defaultOf(field)),
      ...(field.enum && field.schema.type === 'scalar' && { enum: [...field.enum].sort() }),
      ...(field.listMapKeys && { 'x-kubernetes-list-map-keys': field.listMapKeys }),
      ...(field.listType && { 'x-kubernetes-list-type': field.listType }),
      ...(field.mapType && { 'x-kubernetes-map-type': field.mapType }),
      ...(field.patchMergeKey && { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
      ...(field.patchStrategies.length > 0 && {
        'x-kubernetes-patch-strategy': field.patchStrategies.join(','),
      }),
    }
  }

  #schema(schema: Schema): Json {
    switch (schema.type) {
      case 'struct':
        return this.reference(schema)
      case 'list':
        return { type: 'array', items: this.#item(schema.items) }
      case 'map':
        return { type: 'object', additionalProperties: this.#item(schema.values) }
      case 'scalar':
        return this.#scalar(schema.scalar)
    }
  }

  /** What is in a list or map, and is what it is when nobody sets it. */
  #item(of: Schema): Json {
    const schema = this.#schema(of)
    const zero = this.#dialect === 3 ? zeroOf(of) : undefined
    if (zero === undefined) return schema
    return { ...('$ref' in schema ? { allOf: [schema] } : schema), default: zero }
  }

  #scalar(scalar: string): Json {
    const plain = PLAIN[scalar]
    if (plain) return plain
    const name = SCALAR_DEFINITIONS[scalar]
    if (name === undefined) return { 'x-kubernetes-preserve-unknown-fields': true }
    this.definitions[name] ??= {
      ...described(this.#descriptions.ofScalar(name)),
      ...SPECIAL[scalar]?.(this.#dialect),
    }
    return this.pointer(name)
  }
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)
const described = (description: string | undefined): Json =>
  description === undefined ? {} : { description }

/** What a field is that nobody sets, where Go has no way to say that it isn't there. */
function defaultOf({ default: given, required, always, pointer, schema }: FieldSchema): Json {
  if (given !== undefined) return { default: given }
  if (pointer) return {}
  const isThere = schema.type === 'struct' ? always : required
  const zero = isThere ? zeroOf(schema) : undefined
  return zero === undefined ? {} : { default: zero }
}

function zeroOf(schema: Schema): unknown {
  if (schema.type === 'struct') return {}
  if (schema.type !== 'scalar') return undefined
  switch (schema.scalar) {
    case 'string':
      return ''
    case 'int32':
    case 'int64':
      return 0
    case 'bool':
      return false
    default:
      return undefined
  }
}

const PLAIN: Readonly<Record<string, Json>> = {
  string: { type: 'string' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  bool: { type: 'boolean' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}

const EITHER = (types: readonly string[]): Json => ({ oneOf: types.map((type) => ({ type })) })

const SPECIAL: Readonly<Record<string, (dialect: Dialect) => Json>> = {
  quantity: (dialect) => (dialect === 3 ? EITHER(['string', 'number']) : { type: 'string' }),
  intOrString: (dialect) => ({
    ...(dialect === 3 ? EITHER(['integer', 'string']) : { type: 'string' }),
    format: 'int-or-string',
  }),
  time: () => ({ type: 'string', format: 'date-time' }),
  microTime: () => ({ type: 'string', format: 'date-time' }),
  duration: () => ({ type: 'string' }),
  raw: () => ({ type: 'object' }),
  fieldsV1: () => ({ type: 'object' }),
}
