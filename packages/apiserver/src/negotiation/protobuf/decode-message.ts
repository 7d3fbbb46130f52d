import {
  formatMicroTime,
  formatTime,
  parseJson,
  type ScalarName,
  type Schema,
  type StructSchema,
  setOwn,
} from '@miniplane/api'
import { WireError, WireReader } from './wire-reader.js'

type JsonObject = Record<string, unknown>

/** Messages in messages, deeper than any object is. */
const DEPTH_MAX = 1_000

/** How a struct stands on the wire: its own fields by number, and messages that JSON inlines. */
interface MessagePlan {
  readonly fields: ReadonlyMap<number, { readonly name: string; readonly schema: Schema }>
  readonly inline: ReadonlyMap<number, StructSchema>
}

// Derived from immutable schemas, so not state of any server.
const plans = new WeakMap<StructSchema, MessagePlan>()

function planOf(struct: StructSchema): MessagePlan {
  let plan = plans.get(struct)
  if (!plan) {
    const inline = new Map<number, StructSchema>()
    const inlined = new Set<string>()
    for (const { tag, schema } of struct.wireInline) {
      inline.set(tag, schema)
      for (const name of schema.fields.keys()) inlined.add(name)
    }
    const own = [...struct.fields.values()].filter(({ name }) => !inlined.has(name))
    plan = { inline, fields: new Map(own.map(({ tag, name, schema }) => [tag, { name, schema }])) }
    plans.set(struct, plan)
  }
  return plan
}

/**
 * A message as the JSON value that says the same. Fields that the schema does not know are
 * skipped, as the real server does. Throws `WireError` or `JsonSyntaxError`.
 */
export function decodeMessage(bytes: Uint8Array, struct: StructSchema, depth = 0): JsonObject {
  if (depth > DEPTH_MAX) throw new WireError('proto: message is nested too deeply')
  const { fields, inline } = planOf(struct)
  const object: JsonObject = {}
  const reader = new WireReader(bytes)
  while (!reader.isAtEnd) {
    const { field, wireType } = reader.tag()
    const known = fields.get(field)
    const inner = known ? undefined : inline.get(field)
    if (known) readField(reader, object, known.name, known.schema, depth)
    else if (inner) Object.assign(object, decodeMessage(reader.bytes(), inner, depth + 1))
    else reader.skip(wireType)
  }
  return object
}

function readField(
  reader: WireReader,
  object: JsonObject,
  name: string,
  schema: Schema,
  depth: number,
): void {
  switch (schema.type) {
    case 'list': {
      object[name] ??= []
      const list = object[name] as unknown[]
      list.push(readValue(reader, schema.items, depth))
      return
    }
    case 'map': {
      object[name] ??= {}
      const map = object[name] as JsonObject
      const [key, value] = readEntry(reader.bytes(), schema.values, depth)
      setOwn(map, key, value)
      return
    }
    default:
      object[name] = readValue(reader, schema, depth)
  }
}

function readEntry(bytes: Uint8Array, values: Schema, depth: number): [string, unknown] {
  const reader = new WireReader(bytes)
  let key = ''
  let value: unknown = values.type === 'scalar' ? EMPTY[values.scalar] : undefined
  while (!reader.isAtEnd) {
    const { field, wireType } = reader.tag()
    if (field === 1) key = reader.string()
    else if (field === 2) value = readValue(reader, values, depth)
    else reader.skip(wireType)
  }
  return [key, value]
}

const EMPTY: Partial<Record<ScalarName, unknown>> = {
  string: '',
  bytes: '',
  int32: 0,
  int64: 0,
  bool: false,
  double: 0,
}

function readValue(reader: WireReader, schema: Schema, depth: number): unknown {
  switch (schema.type) {
    case 'struct':
      return decodeMessage(reader.bytes(), schema, depth + 1)
    case 'list': {
      // A list as a value is a message of its own with the items as field 1.
      const inner = new WireReader(reader.bytes())
      const items: unknown[] = []
      while (!inner.isAtEnd) {
        const tag = inner.tag()
        if (tag.field === 1) items.push(readValue(inner, schema.items, depth))
        else inner.skip(tag.wireType)
      }
      return items
    }
    case 'map':
      throw new Error('a map has no values that are maps')
    case 'scalar':
      return schema.object
        ? readEither(reader.bytes(), schema.object, schema.items, depth + 1)
        : readScalar(reader, schema.scalar)
  }
}

/** A struct, or in its place a list or a boolean: on the wire a message with a field for each. */
function readEither(
  bytes: Uint8Array,
  struct: StructSchema,
  items: Schema | undefined,
  depth: number,
): unknown {
  const reader = new WireReader(bytes)
  const list: unknown[] = []
  let value: unknown
  while (!reader.isAtEnd) {
    const { field, wireType } = reader.tag()
    // The struct is field 1 beside a list, and field 2 beside a boolean.
    if (items === undefined && field === 1) value ??= reader.varint() !== 0n
    else if (field === (items ? 1 : 2)) value = decodeMessage(reader.bytes(), struct, depth)
    else if (items && field === 2) list.push(readValue(reader, items, depth))
    else reader.skip(wireType)
  }
  return list.length > 0 ? list : value
}

function readScalar(reader: WireReader, scalar: ScalarName): unknown {
  switch (scalar) {
    case 'string':
      return reader.string()
    case 'int32':
    case 'int64':
      return reader.integer()
    case 'bool':
      return reader.varint() !== 0n
    case 'double':
      return reader.double()
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64')
    default:
      return readSpecial(numbered(reader.bytes()), scalar)
  }
}

/** A small message's fields by number; of a repeated one the last. */
function numbered(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> {
  const reader = new WireReader(bytes)
  const fields = new Map<number, number | Uint8Array>()
  while (!reader.isAtEnd) {
    const { field, wireType } = reader.tag()
    if (wireType === 0) fields.set(field, reader.integer())
    else if (wireType === 2) fields.set(field, reader.bytes())
    else reader.skip(wireType)
  }
  return fields
}

const NOTHING = new Uint8Array()

/** Types that are messages on the wire and something simpler in JSON. */
function readSpecial(
  fields: ReadonlyMap<number, number | Uint8Array>,
  scalar: ScalarName,
): unknown {
  const text = (field: number) => {
    const value = fields.get(field) ?? NOTHING
    if (typeof value === 'number') throw new WireError('proto: wrong wireType')
    return Buffer.from(value).toString()
  }
  const number = (field: number) => {
    const value = fields.get(field) ?? 0
    if (typeof value !== 'number') throw new WireError('proto: wrong wireType')
    return value
  }
  switch (scalar) {
    case 'quantity':
      return text(1) || '0'
    case 'intOrString':
      return number(1) === 0 ? number(2) : text(3)
    case 'time':
      return fields.size === 0 ? null : formatTime(number(1) * 1000)
    case 'microTime':
      return fields.size === 0 ? null : formatMicroTime(number(1) * 1000 + number(2) / 1_000_000)
    case 'duration':
      return `${number(1) / 1_000_000_000}s`
    default: {
      const json = text(1)
      return json === '' ? null : parseJson(json).value
    }
  }
}
