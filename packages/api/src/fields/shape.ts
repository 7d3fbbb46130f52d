import type { FieldSchema, ScalarName, Schema, StructSchema } from '../schema/schema.js'

/**
 * What ownership asks of a schema: which parts of a value have owners of their own. Everything is
 * a record of the same form, so that the walkers' loops stay fast.
 */
export interface Shape {
  /**
   * `deduced` is free-form: maps in it have an owner for each entry, all else is owned as a whole.
   * `opaque` is free-form and owned as a whole.
   */
  readonly kind: 'scalar' | 'struct' | 'map' | 'list' | 'deduced' | 'opaque'
  /** Owned as a whole: scalars, and what is atomic. */
  readonly isLeaf: boolean
  /** Only of a scalar. */
  readonly scalar: 'numeric' | 'string' | 'boolean' | 'untyped'
  /** Only of a struct. */
  readonly fields: ReadonlyMap<string, FieldShape>
  /** Of a list's items, a map's values, or what a deduced map holds. */
  readonly of: Shape | undefined
  /** Only of a list that isn't atomic: what tells its items apart. Empty for a set. */
  readonly keys: readonly KeyShape[]
}

export interface FieldShape {
  /** The path element in its `fieldsV1` spelling. */
  readonly key: string
  readonly shape: Shape
}

export interface KeyShape {
  readonly name: string
  /** What an item has that doesn't say. */
  readonly default: unknown
}

const NO_FIELDS: ReadonlyMap<string, FieldShape> = new Map()

const BARE: Shape = {
  kind: 'scalar',
  isLeaf: true,
  scalar: 'untyped',
  fields: NO_FIELDS,
  of: undefined,
  keys: [],
}

const NUMERIC: Shape = { ...BARE, scalar: 'numeric' }
const STRING: Shape = { ...BARE, scalar: 'string' }
const BOOLEAN: Shape = { ...BARE, scalar: 'boolean' }
const OPAQUE: Shape = { ...BARE, kind: 'opaque' }
/** Free-form maps all the way down. */
const DEDUCED: Shape = deduced()

function deduced(): Shape {
  const shape = {
    ...BARE,
    kind: 'deduced' as const,
    isLeaf: false,
    of: undefined as unknown as Shape,
  }
  shape.of = shape
  return shape
}

const FREE_MAP: Shape = { ...BARE, kind: 'map', isLeaf: false, of: DEDUCED }

const SCALARS: Readonly<Record<ScalarName, Shape>> = {
  string: STRING,
  int32: NUMERIC,
  int64: NUMERIC,
  bool: BOOLEAN,
  double: NUMERIC,
  bytes: STRING,
  duration: STRING,
  quantity: BARE,
  intOrString: BARE,
  time: BARE,
  microTime: BARE,
  raw: OPAQUE,
  fieldsV1: FREE_MAP,
  json: DEDUCED,
}

// Derived from immutable schemas and nothing else, so it may be shared by all who walk.
const shapes = new WeakMap<StructSchema, Shape>()

export function structShape(schema: StructSchema): Shape {
  const known = shapes.get(schema)
  if (known) return known
  const fields = new Map<string, FieldShape>()
  const shape: Shape = { ...BARE, kind: 'struct', isLeaf: schema.atomic, fields }
  // Known before its fields are: some types contain themselves.
  shapes.set(schema, shape)
  if (schema.typeMeta)
    for (const name of ['kind', 'apiVersion']) fields.set(name, { key: `f:${name}`, shape: STRING })
  for (const field of schema.fields.values())
    fields.set(field.name, { key: `f:${field.name}`, shape: fieldShape(field) })
  return shape
}

function fieldShape(field: FieldSchema): Shape {
  const shape = schemaShape(field.schema, field)
  if (field.mapType === undefined || (shape.kind !== 'struct' && shape.kind !== 'map')) return shape
  return { ...shape, isLeaf: field.mapType === 'atomic' }
}

/** `field` says how a list merges; lists in lists, and in maps, are atomic. */
function schemaShape(schema: Schema, field?: FieldSchema): Shape {
  switch (schema.type) {
    case 'scalar':
      return SCALARS[schema.scalar]
    case 'struct':
      return structShape(schema)
    case 'map':
      return { ...BARE, kind: 'map', isLeaf: false, of: schemaShape(schema.values) }
    case 'list': {
      const keys = field && listKeys(field, schema.items)
      const of = schemaShape(schema.items)
      return { ...BARE, kind: 'list', isLeaf: !keys, of, keys: keys ?? [] }
    }
  }
}

/** Undefined when the list is atomic. Without a list type, the strategic merge patch's rule holds. */
function listKeys(field: FieldSchema, items: Schema): readonly KeyShape[] | undefined {
  if (field.listType === 'map') return (field.listMapKeys ?? []).map((key) => keyShape(key, items))
  if (field.listType === 'set') return []
  if (field.listType === 'atomic' || !field.patchStrategies.includes('merge')) return undefined
  return field.patchMergeKey === undefined ? [] : [keyShape(field.patchMergeKey, items)]
}

function keyShape(name: string, items: Schema): KeyShape {
  const field = items.type === 'struct' ? items.fields.get(name) : undefined
  return { name, default: field && keyDefault(field) }
}

/** A field that is always written has its type's zero for a default, as OpenAPI states it. */
function keyDefault(field: FieldSchema): unknown {
  if (field.default !== undefined) return field.default
  if (!field.always || field.pointer || field.schema.type !== 'scalar') return undefined
  return ZEROES[SCALARS[field.schema.scalar].scalar]
}

const ZEROES: Readonly<Record<Shape['scalar'], unknown>> = {
  string: '',
  numeric: 0,
  boolean: false,
  untyped: undefined,
}
