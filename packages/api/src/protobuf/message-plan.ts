import type { FieldSchema, ScalarName, Schema, StructSchema } from '../schema/schema.js'
import { DELIMITED, FIXED64, VARINT } from './wire-reader.js'

/**
 * A value on the wire:
 * - `items`: a list that is a message with the items as field 1,
 * - `either`: a struct, or a boolean or a list in its place: a message with a field for each,
 * - otherwise as the schema has it.
 */
export type WireKind = ScalarName | 'list' | 'items' | 'map' | 'struct' | 'either'

export interface WireValue {
  readonly kind: WireKind
  readonly wireType: number
  /** Of a list's items, of a map's values, of the list that `either` may be. */
  readonly of: WireValue | undefined
  readonly struct: StructSchema | undefined
}

export interface WireField {
  readonly name: string
  readonly tag: number
  /** What stands in front of the value: number and wire type; for a list, of each item. */
  readonly key: number
  readonly value: WireValue
  /** Written when absent too, as empty or zero. */
  readonly always: boolean
  /** A message whose fields are the struct's own in JSON. */
  readonly isInline: boolean
}

/** How a struct stands on the wire. */
export interface MessagePlan {
  /** By falling number: messages are written from their end. */
  readonly falling: readonly WireField[]
  /** By number. */
  readonly byTag: readonly (WireField | undefined)[]
}

// Derived from immutable schemas and nothing else, so they may be shared by all who (de)code.
const plans = new WeakMap<StructSchema, MessagePlan>()

export function messagePlan(struct: StructSchema): MessagePlan {
  let plan = plans.get(struct)
  if (!plan) {
    plan = makePlan(struct)
    plans.set(struct, plan)
  }
  return plan
}

function makePlan(struct: StructSchema): MessagePlan {
  const inlined = new Set<string>()
  const all: WireField[] = []
  for (const { name, tag, schema } of struct.wireInline) {
    for (const field of schema.fields.keys()) inlined.add(field)
    all.push(wireField(name, tag, wireValue(schema), true, true))
  }
  for (const field of struct.fields.values()) {
    if (inlined.has(field.name)) continue
    const value = wireValue(field.schema)
    all.push(wireField(field.name, field.tag, value, isAlways(field, value), false))
  }
  all.sort((a, b) => b.tag - a.tag)
  const byTag: (WireField | undefined)[] = new Array((all[0]?.tag ?? 0) + 1).fill(undefined)
  for (const field of all) byTag[field.tag] = field
  return { falling: all, byTag }
}

function wireField(
  name: string,
  tag: number,
  value: WireValue,
  always: boolean,
  isInline: boolean,
): WireField {
  const wireType = value.kind === 'list' && value.of ? value.of.wireType : value.wireType
  return { name, tag, key: tag * 8 + wireType, value, always, isInline }
}

function isAlways({ always, pointer, wireAlways }: FieldSchema, { kind }: WireValue): boolean {
  if (wireAlways) return true
  if (pointer) return false
  switch (kind) {
    case 'string':
    case 'int32':
    case 'int64':
    case 'bool':
    case 'double':
      return true
    case 'list':
    case 'items':
    case 'map':
    case 'bytes':
      return false
    default:
      return always
  }
}

function wireValue(schema: Schema): WireValue {
  switch (schema.type) {
    case 'struct':
      return { kind: 'struct', wireType: DELIMITED, of: undefined, struct: schema }
    case 'map':
      return { kind: 'map', wireType: DELIMITED, of: wireValue(schema.values), struct: undefined }
    case 'list': {
      const kind = schema.isMessage ? 'items' : 'list'
      return { kind, wireType: DELIMITED, of: wireValue(schema.items), struct: undefined }
    }
    case 'scalar': {
      const { scalar, object, items } = schema
      const kind = object ? 'either' : scalar
      return {
        kind,
        wireType: WIRE_TYPES[scalar] ?? DELIMITED,
        of: items && wireValue(items),
        struct: object,
      }
    }
  }
}

const WIRE_TYPES: Partial<Record<ScalarName, number>> = {
  bool: VARINT,
  int32: VARINT,
  int64: VARINT,
  double: FIXED64,
}
