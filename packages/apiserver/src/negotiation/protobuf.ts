import {
  encodeMessage,
  type KubeObject,
  type ListMeta,
  messageSchema,
  namedSchema,
  notAcceptable,
  type StructSchema,
  sealEnvelope,
  varintSize,
  type WatchEventType,
  WireWriter,
  wrappingOf,
} from '@miniplane/api'
import type { Encodable } from '../storage/shared-object.js'

type Typed = Pick<KubeObject, 'kind' | 'apiVersion'>

/** An object's message without the envelope. Throws 406 for a kind that has none. */
export function messageOf(value: Encodable): Uint8Array {
  return value.message?.() ?? encodeMessage(value.object, schemaOf(value.object as Typed))
}

function schemaOf({ kind = '', apiVersion = '' }: Typed): StructSchema {
  const schema = messageSchema(apiVersion, kind)
  if (schema) return schema
  throw notAcceptable(
    'only the following media types are accepted: application/json, application/yaml',
  )
}

/** An object as a body. */
export function encodeProtobuf(value: Encodable): Uint8Array {
  const { kind = '', apiVersion = '' } = value.object as Typed
  return sealEnvelope({ apiVersion, kind, raw: messageOf(value) })
}

const ITEM_KEY = 0x12

/** A list as a body, made of its items' messages: nothing is encoded again. */
export function encodeProtobufList(
  kind: string,
  apiVersion: string,
  metadata: ListMeta,
  items: readonly Encodable[],
): Uint8Array {
  const messages = items.map(messageOf)
  const head = new WireWriter()
  head.bytes(encodeMessage(metadata, namedSchema('meta.v1.ListMeta')))
  head.byte(0x0a)
  let length = head.length
  for (const message of messages) length += 1 + varintSize(message.length) + message.length
  const { before, after } = wrappingOf(apiVersion, kind, length)
  const list = Buffer.allocUnsafe(before.length + length + after.length)
  let at = put(list, 0, before)
  at = put(list, at, head.take())
  for (const message of messages) {
    list[at++] = ITEM_KEY
    at = putVarint(list, at, message.length)
    at = put(list, at, message)
  }
  put(list, at, after)
  return list
}

function put(target: Buffer, at: number, bytes: Uint8Array): number {
  target.set(bytes, at)
  return at + bytes.length
}

function putVarint(target: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80
  target[at++] = rest
  return at
}

/**
 * An event of a watch: four bytes of length, the most significant first, and a `WatchEvent` whose
 * object is in an envelope of its own.
 */
export function encodeWatchFrame(type: WatchEventType, value: Encodable): Uint8Array {
  const { kind = '', apiVersion = '' } = value.object as Typed
  const message = messageOf(value)
  const { before, after } = wrappingOf(apiVersion, kind, message.length)
  const head = new WireWriter()
  const enveloped = before.length + message.length + after.length
  head.varint(enveloped)
  head.byte(0x0a)
  head.varint(head.length + enveloped)
  head.byte(0x12)
  head.string(type)
  head.byte(0x0a)
  const event = head.take()
  const frame = Buffer.allocUnsafe(4 + event.length + enveloped)
  frame.writeUInt32BE(event.length + enveloped)
  put(frame, put(frame, put(frame, put(frame, 4, event), before), message), after)
  return frame
}
