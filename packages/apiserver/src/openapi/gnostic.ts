import { encodeJsonText } from '@miniplane/api'
import type { Dialect } from './definitions.js'
import type { Field, Message } from './gnostic-message.js'
import { MESSAGES_V2 } from './gnostic-v2.js'
import { MESSAGES_V3 } from './gnostic-v3.js'

type Value = Readonly<Record<string, unknown>>

/**
 * An OpenAPI document as a protobuf message, which for version 2 is the only form that Kubernetes'
 * Go clients ask for. What a message has no field for is left out.
 */
export function encodeGnostic(document: Value, dialect: Dialect): Uint8Array {
  return dialect === 2
    ? message(MESSAGES_V2.Document, document)
    : message(MESSAGES_V3.Document, document)
}

function message({ fields, extensions, others, choose }: Message, value: Value): Buffer {
  if (choose) {
    const { at, of } = choose(value)
    return delimited(at, message(of(), value))
  }
  const parts: Buffer[] = []
  for (const [key, member] of Object.entries(value)) {
    const field = fields[key]
    if (field) append(parts, field, member)
    else if (extensions !== undefined && key.startsWith('x-'))
      parts.push(pair(extensions, key, any(2, member)))
    else if (others)
      parts.push(pair(others.at, key, delimited(2, message(others.of(), member as Value))))
  }
  return Buffer.concat(parts)
}

function append(parts: Buffer[], field: Field, value: unknown): void {
  const { at } = field
  switch (field.type) {
    case 'string':
      parts.push(text(at, value as string))
      return
    case 'strings':
      for (const one of value as string[]) parts.push(text(at, one))
      return
    case 'wrapped':
      parts.push(delimited(at, text(1, value as string)))
      return
    case 'bool':
      // The zero value of a field is not written.
      if (value === true) parts.push(Buffer.concat([tag(at, 0), varint(1)]))
      return
    case 'scalar':
      parts.push(delimited(at, scalar(value)))
      return
    case 'json':
      parts.push(any(at, value))
      return
    case 'jsons':
      for (const one of value as unknown[]) parts.push(any(at, one))
      return
    case 'message':
      parts.push(delimited(at, message(field.of(), value as Value)))
      return
    case 'messages':
      for (const one of value as Value[]) parts.push(delimited(at, message(field.of(), one)))
  }
}

/** A value that is a number, a boolean or a text; anything else there is no way to say. */
function scalar(value: unknown): Buffer {
  switch (typeof value) {
    case 'number': {
      const double = Buffer.alloc(8)
      double.writeDoubleLE(value)
      return Buffer.concat([tag(1, 1), double])
    }
    case 'boolean':
      return Buffer.concat([tag(2, 0), varint(value ? 1 : 0)])
    case 'string':
      return text(3, value)
    default:
      return Buffer.alloc(0)
  }
}

/** A field of a map: a name, and what was encoded as field 2. */
const pair = (at: number, name: string, value: Buffer) =>
  delimited(at, Buffer.concat([text(1, name), value]))

/** Any value, as YAML; JSON is YAML. */
const any = (at: number, value: unknown) => delimited(at, text(2, encodeJsonText(value)))

const text = (at: number, value: string) => delimited(at, Buffer.from(value))

const LENGTH_DELIMITED = 2

const delimited = (at: number, bytes: Buffer) =>
  Buffer.concat([tag(at, LENGTH_DELIMITED), varint(bytes.length), bytes])

const tag = (at: number, wireType: number) => varint((at << 3) | wireType)

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 0x80)
  }
}
