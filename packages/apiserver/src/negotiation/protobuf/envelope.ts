import { WireError, WireReader } from './wire-reader.js'

const PREFIX = Buffer.from([0x6b, 0x38, 0x73, 0x00])

/** `runtime.Unknown`: what every protobuf body of the API is wrapped in. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  /** The object's own message. */
  readonly raw: Uint8Array
}

/** Throws `WireError` for bytes without the prefix or that are no message. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (Buffer.compare(bytes.subarray(0, PREFIX.length), PREFIX) !== 0)
    throw new WireError(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    )
  const reader = new WireReader(bytes.subarray(PREFIX.length))
  let type = { apiVersion: '', kind: '' }
  let raw = new Uint8Array()
  while (!reader.isAtEnd) {
    const { field, wireType } = reader.tag()
    if (field === 1) type = readTypeMeta(reader.bytes())
    else if (field === 2) raw = new Uint8Array(reader.bytes())
    else reader.skip(wireType)
  }
  return { ...type, raw }
}

function readTypeMeta(bytes: Uint8Array): { apiVersion: string; kind: string } {
  const reader = new WireReader(bytes)
  const type = { apiVersion: '', kind: '' }
  while (!reader.isAtEnd) {
    const { field, wireType } = reader.tag()
    if (field === 1) type.apiVersion = reader.string()
    else if (field === 2) type.kind = reader.string()
    else reader.skip(wireType)
  }
  return type
}
