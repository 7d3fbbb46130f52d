import { setOwn } from '../json/equality.js'
import { JsonSyntaxError, parseJson } from '../json/parse.js'
import { formatDuration } from '../machinery/duration.js'
import { formatMicroTime, formatTime } from '../machinery/time.js'
import type { StructSchema } from '../schema/schema.js'
import { messagePlan, type WireField, type WireValue } from './message-plan.js'
import { DELIMITED, WireError, WireReader } from './wire-reader.js'

type JsonObject = Record<string, unknown>

/** Messages in messages, deeper than any object is. */
const DEPTH_MAX = 1_000

/**
 * A message as the JSON value that says the same, to be decoded by the same schema like any other
 * (`decodeObject`): empty values are still there, in the order of the wire. Fields that the schema
 * does not know are skipped, as the real server does. Throws `WireError`.
 */
export function decodeMessage(bytes: Uint8Array, struct: StructSchema): JsonObject {
  const object: JsonObject = {}
  readMessage(new WireReader(bytes), object, struct, 0)
  return object
}

function readMessage(
  reader: WireReader,
  object: JsonObject,
  struct: StructSchema,
  depth: number,
): void {
  if (depth > DEPTH_MAX) throw new WireError('proto: message is nested too deeply')
  const { byTag } = messagePlan(struct)
  while (!reader.isAtEnd) {
    const known = byTag[reader.nextField()]
    if (known) readField(reader, object, known, depth)
    else reader.skip(reader.wireType)
  }
}

function readField(reader: WireReader, object: JsonObject, field: WireField, depth: number): void {
  const { name, value, isInline } = field
  if (value.kind === 'list') {
    object[name] ??= []
    readItems(reader, object[name] as unknown[], field, depth)
    return
  }
  if (reader.wireType !== value.wireType) throw wrongWireType(reader, name)
  if (isInline) readStruct(reader, object, value, depth)
  else if (value.kind === 'map') {
    object[name] ??= {}
    readEntry(reader, object[name] as JsonObject, value.of as WireValue, depth)
  } else if (value.kind === 'struct') {
    // The parts of a message that comes in parts are one.
    object[name] ??= {}
    readStruct(reader, object[name] as JsonObject, value, depth)
  } else object[name] = readValue(reader, value, depth)
}

function wrongWireType({ wireType }: WireReader, name: string): WireError {
  const goName = name.charAt(0).toUpperCase() + name.slice(1)
  return new WireError(`proto: wrong wireType = ${wireType} for field ${goName}`)
}

function readStruct(reader: WireReader, object: JsonObject, of: WireValue, depth: number): void {
  const outerEnd = reader.enter()
  readMessage(reader, object, of.struct as StructSchema, depth + 1)
  reader.leave(outerEnd)
}

/** One item, or numbers packed into one field, which everybody must be able to read. */
function readItems(reader: WireReader, list: unknown[], field: WireField, depth: number): void {
  const of = field.value.of as WireValue
  if (reader.wireType === of.wireType) {
    list.push(readValue(reader, of, depth))
    return
  }
  if (reader.wireType !== DELIMITED) throw wrongWireType(reader, field.name)
  const outerEnd = reader.enter()
  while (!reader.isAtEnd) list.push(readValue(reader, of, depth))
  reader.leave(outerEnd)
}

function readEntry(reader: WireReader, map: JsonObject, values: WireValue, depth: number): void {
  let key = ''
  let value = emptyOf(values)
  const outerEnd = reader.enter()
  while (!reader.isAtEnd) {
    const tag = reader.nextField()
    if (tag === 1) key = reader.string()
    else if (tag === 2) value = readValue(reader, values, depth)
    else reader.skip(reader.wireType)
  }
  reader.leave(outerEnd)
  setOwn(map, key, value)
}

/** What a map's entry without a value holds. */
function emptyOf({ kind }: WireValue): unknown {
  switch (kind) {
    case 'string':
      return ''
    case 'int32':
    case 'int64':
    case 'double':
      return 0
    case 'bool':
      return false
    case 'quantity':
      return '0'
    case 'struct':
      return {}
    default:
      return null
  }
}

/** A value behind its key. */
function readValue(reader: WireReader, of: WireValue, depth: number): unknown {
  switch (of.kind) {
    case 'string':
      return reader.string()
    case 'int32':
      return reader.int32()
    case 'int64':
      return reader.integer()
    case 'bool':
      return reader.varint() !== 0
    case 'double':
      return finite(reader.double())
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64')
    case 'struct': {
      const object: JsonObject = {}
      readStruct(reader, object, of, depth)
      return object
    }
    case 'list':
    case 'map':
      throw new Error(`a ${of.kind} is no value of its own on the wire`)
    default: {
      const outerEnd = reader.enter()
      const value = readContent(reader, of, depth)
      reader.leave(outerEnd)
      return value
    }
  }
}

/** JSON has no infinity, and no schema may ask for one. */
function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new WireError(`json: unsupported value: ${value}`)
}

/** The inside of what is a message on the wire and something simpler in JSON. */
function readContent(reader: WireReader, of: WireValue, depth: number): unknown {
  switch (of.kind) {
    case 'items':
      return readList(reader, 1, of.of as WireValue, depth)
    case 'either':
      return readEither(reader, of, depth)
    case 'quantity':
      return readParts(reader).text(1) || '0'
    case 'intOrString': {
      const parts = readParts(reader)
      return parts.number(1) === 0 ? parts.number(2) : parts.text(3)
    }
    case 'time': {
      if (reader.isAtEnd) return null
      return formatTime(msOf(readParts(reader).number(1)))
    }
    case 'microTime': {
      if (reader.isAtEnd) return null
      const parts = readParts(reader)
      return formatMicroTime(msOf(parts.number(1)) + parts.number(2) / 1_000_000)
    }
    case 'duration':
      return formatDuration(readParts(reader).number(1) / 1_000_000)
    default:
      return jsonOf(readParts(reader).text(1))
  }
}

function jsonOf(text: string): unknown {
  if (text === '') return null
  try {
    return parseJson(text).value
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new WireError(error.message, { cause: error })
    throw error
  }
}

const SECONDS_MIN = -62_135_596_800 // 0001-01-01
const SECONDS_MAX = 253_402_300_799 // 9999-12-31

function msOf(seconds: number): number {
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX)
    throw new WireError('Time.MarshalJSON: year outside of range [0,9999]')
  return seconds * 1000
}

function readList(reader: WireReader, tag: number, of: WireValue, depth: number): unknown[] {
  const list: unknown[] = []
  while (!reader.isAtEnd) {
    if (reader.nextField() !== tag) reader.skip(reader.wireType)
    else if (reader.wireType !== of.wireType) throw wrongWireType(reader, 'items')
    else list.push(readValue(reader, of, depth))
  }
  return list
}

/** Beside a list the struct is field 1; beside a boolean field 2, which counts when it is there. */
function readEither(reader: WireReader, { struct, of }: WireValue, depth: number): unknown {
  const inner: WireValue = { kind: 'struct', wireType: DELIMITED, of: undefined, struct }
  const list: unknown[] = []
  let object: unknown
  let isAllowed = false
  while (!reader.isAtEnd) {
    const tag = reader.nextField()
    if (tag > 2) reader.skip(reader.wireType)
    else if (tag === (of ? 1 : 2) && reader.wireType === DELIMITED)
      object = readValue(reader, inner, depth)
    else if (of && reader.wireType === of.wireType) list.push(readValue(reader, of, depth))
    else if (!of && reader.wireType === 0) isAllowed = reader.varint() !== 0
    else throw wrongWireType(reader, of ? 'schema' : 'allows')
  }
  if (of) return list.length > 0 ? list : (object ?? null)
  return object ?? isAllowed
}

/** A small message's fields by number; of one that is there twice the last. */
function readParts(reader: WireReader) {
  const parts: (number | string | undefined)[] = []
  while (!reader.isAtEnd) {
    const tag = reader.nextField()
    if (tag > 3) reader.skip(reader.wireType)
    else if (reader.wireType === 0) parts[tag] = Number(reader.integer())
    else if (reader.wireType === DELIMITED) parts[tag] = reader.string()
    else throw wrongWireType(reader, `number ${tag}`)
  }
  const part = <T extends number | string>(tag: number, empty: T): T => {
    const value = parts[tag]
    if (value === undefined) return empty
    if (typeof value !== typeof empty) throw new WireError(`proto: wrong wireType for field ${tag}`)
    return value as T
  }
  return {
    number: (tag: number): number => part<number>(tag, 0),
    text: (tag: number): string => part<string>(tag, ''),
  }
}
