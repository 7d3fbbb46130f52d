import { stringifyJson } from '../json/encode.js'
import { parseDuration } from '../machinery/duration.js'
import type { StructSchema } from '../schema/schema.js'
import { messagePlan, type WireField, type WireValue } from './message-plan.js'
import { DELIMITED, VARINT } from './wire-reader.js'
import { WireWriter } from './wire-writer.js'

type JsonObject = Readonly<Record<string, unknown>>

/**
 * An object as the bytes that the real server would write for it: fields by number, maps by key,
 * and empty what the schema says is always there. `value` must be decoded by the same schema (the
 * form of `decodeObject`); kind and apiVersion are not in a message, its envelope has them.
 */
export function encodeMessage(value: unknown, struct: StructSchema): Buffer {
  const writer = new WireWriter()
  writeMessage(writer, value as JsonObject, struct)
  return writer.take()
}

/** The same in front of what the writer holds, without a length. */
export function writeMessage(writer: WireWriter, value: JsonObject, struct: StructSchema): void {
  for (const field of messagePlan(struct).falling) {
    if (field.isInline) {
      writeDelimited(writer, field.key, value, field.value)
      continue
    }
    const member = value[field.name]
    if (member === undefined || member === null) {
      if (field.always) writeEmpty(writer, field)
    } else if (field.value.kind === 'list')
      writeItems(writer, field.key, member as unknown[], field.value.of as WireValue)
    else if (field.value.kind === 'map') writeMap(writer, field, member as JsonObject)
    else {
      writeValue(writer, member, field.value)
      writer.varint(field.key)
    }
  }
}

function writeDelimited(writer: WireWriter, key: number, value: unknown, of: WireValue): void {
  const before = writer.length
  writeMessage(writer, value as JsonObject, of.struct as StructSchema)
  writer.varint(writer.length - before)
  writer.varint(key)
}

const NOTHING: JsonObject = {}

function writeEmpty(writer: WireWriter, { key, value }: WireField): void {
  writeZero(writer, value)
  writer.varint(key)
}

function writeZero(writer: WireWriter, value: WireValue): void {
  switch (value.kind) {
    case 'quantity':
      writeValue(writer, '0', value)
      return
    case 'intOrString':
      writeValue(writer, 0, value)
      return
    case 'duration':
      writeValue(writer, '0s', value)
      return
    case 'struct':
      writeValue(writer, NOTHING, value)
      return
    case 'either':
      writeValue(writer, value.of ? [] : false, value)
      return
    case 'double':
      writer.double(0)
      return
    default:
      // An empty string or message, 0 or false: all the same byte.
      writer.byte(0)
  }
}

function writeItems(
  writer: WireWriter,
  key: number,
  list: readonly unknown[],
  of: WireValue,
): void {
  for (let i = list.length - 1; i >= 0; i--) {
    writeItem(writer, list[i], of)
    writer.varint(key)
  }
}

function writeItem(writer: WireWriter, item: unknown, of: WireValue): void {
  if (item === undefined || item === null) writeZero(writer, of)
  else writeValue(writer, item, of)
}

const MAP_KEY = 8 + DELIMITED
const MAP_VALUE = 16

function writeMap(writer: WireWriter, { key, value }: WireField, map: JsonObject): void {
  const of = value.of as WireValue
  const keys = sortedKeys(map)
  for (let i = keys.length - 1; i >= 0; i--) {
    const name = keys[i] as string
    const member = map[name]
    const before = writer.length
    // Go knows bytes that are nil, and leaves those out.
    if (of.kind !== 'bytes' || (member !== null && member !== undefined)) {
      writeItem(writer, member, of)
      writer.byte(MAP_VALUE + of.wireType)
    }
    writer.string(name)
    writer.byte(MAP_KEY)
    writer.varint(writer.length - before)
    writer.varint(key)
  }
}

const NOT_ASCII = /[^\0-\x7f]/

/** In the order of their bytes. */
function sortedKeys(map: JsonObject): string[] {
  const keys = Object.keys(map)
  let last = ''
  for (const key of keys) {
    if (key < last || NOT_ASCII.test(key))
      return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    last = key
  }
  return keys
}

/** The value with its length, if it has one, and without its key. */
function writeValue(writer: WireWriter, value: unknown, of: WireValue): void {
  switch (of.kind) {
    case 'string':
      writer.string(value as string)
      return
    case 'int32':
    case 'int64':
      writer.integer(value as number | bigint)
      return
    case 'bool':
      writer.byte(value ? 1 : 0)
      return
    case 'double':
      writer.double(value as number)
      return
    case 'bytes':
      writer.bytes(Buffer.from(value as string, 'base64'))
      return
    case 'list':
    case 'map':
      throw new Error(`a ${of.kind} is no value of its own on the wire`)
    default: {
      const before = writer.length
      writeContent(writer, value, of)
      writer.varint(writer.length - before)
    }
  }
}

const field = (tag: number, wireType: number) => tag * 8 + wireType

/** What is a message on the wire, without its length. */
function writeContent(writer: WireWriter, value: unknown, of: WireValue): void {
  switch (of.kind) {
    case 'struct':
      writeMessage(writer, value as JsonObject, of.struct as StructSchema)
      return
    case 'items':
      writeItems(writer, field(1, DELIMITED), value as unknown[], of.of as WireValue)
      return
    case 'either':
      writeEither(writer, value, of)
      return
    case 'quantity':
      writer.string(value as string)
      writer.byte(field(1, DELIMITED))
      return
    case 'intOrString':
      writeIntOrString(writer, value as number | string)
      return
    case 'time':
    case 'microTime':
      writeTime(writer, value as string)
      return
    case 'duration':
      writer.integer(Math.round(parseDuration(value as string) * 1e6))
      writer.byte(field(1, VARINT))
      return
    default:
      writer.string(stringifyJson(value))
      writer.byte(field(1, DELIMITED))
  }
}

/** Beside a list the struct is field 1; beside a boolean field 2, and the boolean says it is there. */
function writeEither(writer: WireWriter, value: unknown, { struct, of }: WireValue): void {
  if (Array.isArray(value)) {
    if (of) writeItems(writer, field(2, DELIMITED), value, of)
    return
  }
  const isStruct = typeof value === 'object' && value !== null
  if (isStruct) {
    const before = writer.length
    writeMessage(writer, value as JsonObject, struct as StructSchema)
    writer.varint(writer.length - before)
    writer.byte(field(of ? 1 : 2, DELIMITED))
  }
  if (of) return
  writer.byte(isStruct || value === true ? 1 : 0)
  writer.byte(field(1, VARINT))
}

function writeIntOrString(writer: WireWriter, value: number | string): void {
  const isText = typeof value === 'string'
  writer.string(isText ? value : '')
  writer.byte(field(3, DELIMITED))
  writer.integer(isText ? 0 : value)
  writer.byte(field(2, VARINT))
  writer.byte(isText ? 1 : 0)
  writer.byte(field(1, VARINT))
}

/** `2026-11-21T02:03:43Z` or `….000001Z`. */
function writeTime(writer: WireWriter, text: string): void {
  const isMicro = text.length > 20
  writer.varint(isMicro ? Number(text.slice(20, 26)) * 1000 : 0)
  writer.byte(field(2, VARINT))
  writer.integer(Date.parse(isMicro ? `${text.slice(0, 19)}Z` : text) / 1000)
  writer.byte(field(1, VARINT))
}
