import { DELIMITED, WireError, WireReader } from './wire-reader.js'
import { WireWriter } from './wire-writer.js'

/** `k8s` and a zero: what every protobuf body, answer and stored value of the API begins with. */
const PREFIX = Buffer.from([0x6b, 0x38, 0x73, 0x00])

/** `runtime.Unknown`: what the message of an object travels in. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  /** The object's own message; a view into what was opened. */
  readonly raw: Uint8Array
}

/** Whether bytes are an object in protobuf, and not in JSON. */
export const isEnvelope = (bytes: Uint8Array): boolean =>
  bytes.length >= PREFIX.length && PREFIX.every((byte, i) => bytes[i] === byte)

/** Throws `WireError` for bytes without the prefix or that are no message. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length === 0) throw new WireError('empty data')
  if (!isEnvelope(bytes))
    throw new WireError(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    )
  if (bytes.length === PREFIX.length) throw new WireError('empty body')
  const reader = new WireReader(bytes.subarray(PREFIX.length))
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = new Uint8Array()
  while (!reader.isAtEnd) {
    const field = reader.nextField()
    if (field > 2) reader.skip(reader.wireType)
    else if (reader.wireType !== DELIMITED)
      throw new WireError(
        `proto: wrong wireType = ${reader.wireType} for field ${field === 1 ? 'TypeMeta' : 'Raw'}`,
      )
    else if (field === 2) raw = reader.bytes()
    else {
      const type = readTypeMeta(reader)
      apiVersion = type.apiVersion ?? apiVersion
      kind = type.kind ?? kind
    }
  }
  return { apiVersion, kind, raw }
}

function readTypeMeta(reader: WireReader): { apiVersion?: string; kind?: string } {
  const type: { apiVersion?: string; kind?: string } = {}
  const outerEnd = reader.enter()
  while (!reader.isAtEnd) {
    const field = reader.nextField()
    if (field === 1) type.apiVersion = reader.string()
    else if (field === 2) type.kind = reader.string()
    else reader.skip(reader.wireType)
  }
  reader.leave(outerEnd)
  return type
}

/** An envelope without the message: so much goes in front of it, and so much behind. */
export interface Wrapping {
  readonly before: Buffer
  readonly after: Buffer
}

/** Neither encoding nor content type: what is inside is what the prefix says. */
const AFTER = Buffer.from([0x1a, 0x00, 0x22, 0x00])

/** What is wrapped around a message of `rawLength` bytes. */
export function wrappingOf(apiVersion: string, kind: string, rawLength: number): Wrapping {
  const writer = new WireWriter()
  writer.varint(rawLength)
  writer.byte(0x12)
  const before = writer.length
  writer.string(kind)
  writer.byte(0x12)
  writer.string(apiVersion)
  writer.byte(0x0a)
  writer.varint(writer.length - before)
  writer.byte(0x0a)
  writer.raw(PREFIX)
  return { before: writer.take(), after: AFTER }
}

/** A message in its envelope. What is stored is kept: its memory is its own, without a pool's neighbours. */
export function sealEnvelope({ apiVersion, kind, raw }: Envelope): Buffer {
  const { before, after } = wrappingOf(apiVersion, kind, raw.length)
  const sealed = Buffer.allocUnsafeSlow(before.length + raw.length + after.length)
  sealed.set(before)
  sealed.set(raw, before.length)
  sealed.set(after, before.length + raw.length)
  return sealed
}
