import {
  type FieldSchema,
  namedSchema,
  parseTime,
  type ScalarSchema,
  type Schema,
  type StructSchema,
  type WireInline,
} from '@miniplane/api'
import { goFieldName, goStringType, goTypeName, shortName } from './go-names.js'
import { printQuantity } from './go-quantity.js'
import { sortedKeys } from './sorted-json.js'

type JsonObject = Readonly<Record<string, unknown>>

/** Writes a value as Go has it after protobuf brought it: what is empty on the wire is nil. */
type Print = (value: unknown) => string

/** A type as Go's reflection calls it, and how its values are printed. */
interface GoType {
  readonly name: string
  readonly print: Print
}

/** Seconds from Go's year 1 to Unix's 1970. */
const EPOCH_SECONDS = 62_135_596_800n
/** The local time zone of a machine without any: what a container has. */
const UTC =
  '{name:(string)UTC zone:([]time.zone)<nil> tx:([]time.zoneTrans)<nil> extend:(string)' +
  ' cacheStart:(int64)0 cacheEnd:(int64)0 cacheZone:(*time.zone)<nil>}'

/**
 * Prints objects of one type as the debug printer does that the real controllers hash with: every
 * field of every struct in Go's order, with its Go name and type, also those that have no value.
 * The tables have the fields in that order; go-names.ts adds the names. Put together once a type.
 */
export class GoPrinter {
  readonly #structs = new Map<string, Print>()
  readonly #print: Print
  readonly #name: string

  /** @param typeName as in the tables: `core.v1.PodTemplateSpec`. */
  constructor(typeName: string) {
    const struct = namedSchema(typeName)
    this.#name = goTypeName(struct)
    this.#print = this.#struct(struct)
  }

  /** The text of the object. */
  print(object: unknown): string {
    return `(${this.#name})${this.#print(object)}`
  }

  #struct(struct: StructSchema): Print {
    const known = this.#structs.get(struct.name)
    if (known) return known
    let parts: readonly Print[] | undefined
    const print: Print = (value) => {
      parts ??= this.#fields(struct)
      return `{${parts.map((part) => part(value)).join(' ')}}`
    }
    this.#structs.set(struct.name, print)
    return print
  }

  /** Each prints one field out of the whole struct. */
  #fields(struct: StructSchema): Print[] {
    const parts: Print[] = []
    const embedded = new Set<WireInline>()
    for (const field of struct.fields.values()) {
      const inline = struct.wireInline.find(({ schema }) => schema.fields.has(field.name))
      if (inline === undefined) parts.push(this.#field(struct, field))
      else if (!embedded.has(inline)) parts.push(this.#embedded(inline.schema))
      if (inline) embedded.add(inline)
    }
    return parts
  }

  /** JSON has the fields of an embedded struct among its parent's. */
  #embedded(struct: StructSchema): Print {
    const print = this.#struct(struct)
    return (parent) => `${shortName(struct)}:(${goTypeName(struct)})${print(parent)}`
  }

  #field(struct: StructSchema, field: FieldSchema): Print {
    const type = this.#type(field.schema, struct, field)
    const { name, print } = isPointer(field) ? pointerTo(type) : type
    const start = `${goFieldName(struct, field)}:(${name})`
    const nothing = start + print(undefined)
    return (parent) => {
      const value = (parent as JsonObject | null | undefined)?.[field.name]
      return value === undefined || value === null ? nothing : start + print(value)
    }
  }

  #type(schema: Schema, struct: StructSchema, field: FieldSchema): GoType {
    switch (schema.type) {
      case 'scalar':
        return scalarType(schema, struct, field)
      case 'struct':
        return { name: goTypeName(schema), print: this.#struct(schema) }
      case 'list':
        return listOf(this.#type(schema.items, struct, field))
      case 'map':
        return mapOf(this.#type(schema.values, struct, field))
    }
  }
}

/** Scalars say it; a message on the wire is a value of its struct if it is always written. */
function isPointer({ schema, pointer, always, wireAlways }: FieldSchema): boolean {
  if (schema.type === 'list' || schema.type === 'map') return false
  const isMessage =
    schema.type === 'struct' || ['quantity', 'time', 'fieldsV1'].includes(schema.scalar)
  return pointer || (isMessage && !always && !wireAlways)
}

const pointerTo = ({ name, print }: GoType): GoType => ({
  name: `*${name}`,
  print: (value) => (value === undefined ? '<nil>' : print(value)),
})

function listOf({ name, print }: GoType): GoType {
  return {
    name: `[]${name}`,
    print: (value) => {
      const items = (value ?? []) as readonly unknown[]
      return items.length === 0 ? '<nil>' : `[${items.map(print).join(' ')}]`
    },
  }
}

function mapOf({ name, print }: GoType): GoType {
  return {
    name: name === 'resource.Quantity' ? 'v1.ResourceList' : `map[string]${name}`,
    print: (value) => {
      const map = (value ?? {}) as JsonObject
      const keys = sortedKeys(map)
      return keys.length === 0
        ? '<nil>'
        : `map[${keys.map((key) => `${key}:${print(map[key])}`).join(' ')}]`
    },
  }
}

function scalarType({ scalar }: ScalarSchema, struct: StructSchema, field: FieldSchema): GoType {
  switch (scalar) {
    case 'string':
      return { name: goStringType(struct, field), print: (value) => String(value ?? '') }
    case 'int32':
    case 'int64':
      return { name: scalar, print: (value) => String(value ?? 0) }
    case 'bool':
      return { name: scalar, print: (value) => String(value ?? false) }
    case 'quantity':
      return { name: 'resource.Quantity', print: (value) => printQuantity(String(value ?? '0')) }
    case 'intOrString':
      return { name: 'intstr.IntOrString', print: printIntOrString }
    case 'time':
      return { name: 'v1.Time', print: printTime }
    case 'fieldsV1':
      return { name: 'v1.FieldsV1', print: printFields }
    default:
      throw new Error(`${struct.name}.${field.name}: no Go type is known for ${scalar}`)
  }
}

function printIntOrString(value: unknown): string {
  const isText = typeof value === 'string'
  const [type, number, text] = isText ? [1, 0, value] : [0, value ?? 0, '']
  return `{Type:(intstr.Type)${type} IntVal:(int32)${number} StrVal:(string)${text}}`
}

function printTime(value: unknown): string {
  const isZero = value === undefined
  const seconds = isZero ? 0n : BigInt(parseTime(value as string) / 1000) + EPOCH_SECONDS
  const zone = isZero ? '<nil>' : UTC
  return `{Time:(time.Time){wall:(uint64)0 ext:(int64)${seconds} loc:(*time.Location)${zone}}}`
}

const printFields: Print = (value) =>
  `{Raw:([]uint8)[${[...Buffer.from(JSON.stringify(value))].join(' ')}]}`
