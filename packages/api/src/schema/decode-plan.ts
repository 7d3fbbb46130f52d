import type { FieldSchema, ScalarName, Schema, StructSchema } from './schema.js'

/**
 * A schema made ready for decoding: what decoding asks of each field, worked out once. Everything
 * is a plain record of the same shape, so that the decoder's loops stay fast.
 */
export interface ValuePlan {
  readonly kind: ScalarName | 'list' | 'map' | 'struct'
  /** Of a list's items or a map's values. */
  readonly of: ValuePlan | undefined
  readonly struct: StructPlan | undefined
  /** The type's name in Go's messages. */
  readonly goType: string
}

export interface StructPlan {
  readonly name: string
  readonly typeMeta: boolean
  /** In the schema's order. */
  readonly fields: readonly FieldPlan[]
  /** A field's place in `fields`, by name. */
  readonly ranks: ReadonlyMap<string, number>
  /** The places of those that are always written. */
  readonly always: readonly number[]
}

export interface FieldPlan {
  readonly name: string
  readonly value: ValuePlan
  /** A zero value is written; when the field is absent, too. */
  readonly always: boolean
  /** A zero value is dropped: neither `always` nor a pointer. */
  readonly dropsZero: boolean
  /** `always` means null: the field can be nil. */
  readonly isNullable: boolean
}

/**
 * Lists that a client may leave out and may not send empty. Go's decoder tells the two apart; here
 * an empty one is kept for validation to find, and so never gets as far as the store.
 */
const EMPTY_IS_NOT_ABSENT = new Set([
  'autoscaling.v2.HPAScalingRules.policies',
  'resource.k8s.io.v1.DeviceAttribute.bools',
  'resource.k8s.io.v1.DeviceAttribute.ints',
  'resource.k8s.io.v1.DeviceAttribute.strings',
  'resource.k8s.io.v1.DeviceAttribute.versions',
])

// Derived from immutable schemas and nothing else, so it may be shared by all who decode.
const plans = new WeakMap<StructSchema, StructPlan>()

export function structPlan(schema: StructSchema): StructPlan {
  const known = plans.get(schema)
  if (known) return known
  const fields: FieldPlan[] = []
  const ranks = new Map<string, number>()
  const always: number[] = []
  const { typeMeta } = schema
  const plan: StructPlan = { name: goStructName(schema), typeMeta, fields, ranks, always }
  // Known before its fields are planned: some types contain themselves.
  plans.set(schema, plan)
  for (const field of schema.fields.values()) {
    if (typeMeta && isTypeMeta(field.name)) continue
    if (field.always) always.push(fields.length)
    ranks.set(field.name, fields.length)
    const isToldApart = EMPTY_IS_NOT_ABSENT.has(`${schema.name}.${field.name}`)
    fields.push(isToldApart ? { ...fieldPlan(field), dropsZero: false } : fieldPlan(field))
  }
  return plan
}

/** Whether a field says the type of an object. */
export const isTypeMeta = (name: string): boolean => name === 'kind' || name === 'apiVersion'

function fieldPlan(field: FieldSchema): FieldPlan {
  const value = valuePlan(field.schema)
  const { kind } = value
  return {
    name: field.name,
    value,
    always: field.always,
    // Structs that may be absent are pointers, and so are the types that decode themselves.
    dropsZero: !field.always && !field.pointer && DROPS_ZERO.has(kind),
    isNullable: field.pointer || NULLABLE.has(kind),
  }
}

const DROPS_ZERO = new Set<ValuePlan['kind']>([
  'string',
  'int32',
  'int64',
  'bool',
  'double',
  'bytes',
  'list',
  'map',
])

const NULLABLE = new Set<ValuePlan['kind']>([
  'list',
  'map',
  'bytes',
  'time',
  'microTime',
  'raw',
  'json',
  'fieldsV1',
])

export function valuePlan(schema: Schema): ValuePlan {
  switch (schema.type) {
    case 'scalar':
      return {
        kind: schema.scalar,
        of: schema.items && valuePlan(schema.items),
        struct: schema.object && structPlan(schema.object),
        goType: GO_SCALARS[schema.scalar],
      }
    case 'list': {
      const of = valuePlan(schema.items)
      return { kind: 'list', of, struct: undefined, goType: `[]${of.goType}` }
    }
    case 'map': {
      const of = valuePlan(schema.values)
      return { kind: 'map', of, struct: undefined, goType: `map[string]${of.goType}` }
    }
    case 'struct': {
      const struct = structPlan(schema)
      return { kind: 'struct', of: undefined, struct, goType: goStructType(schema) }
    }
  }
}

const GO_SCALARS: Readonly<Record<ScalarName, string>> = {
  string: 'string',
  int32: 'int32',
  int64: 'int64',
  bool: 'bool',
  double: 'float64',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
  raw: 'runtime.RawExtension',
  fieldsV1: 'v1.FieldsV1',
  json: 'v1.JSON',
}

/** `apps.v1.Deployment` → `Deployment`. */
function goStructName({ name }: StructSchema): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** `apps.v1.Deployment` → `v1.Deployment`. */
function goStructType({ name }: StructSchema): string {
  return name.split('.').slice(-2).join('.')
}
