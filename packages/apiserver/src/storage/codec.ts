import {
  decodeMessage,
  decodeObject,
  encodeJsonText,
  encodeMessage,
  isEnvelope,
  type KubeObject,
  messageSchema,
  type ObjectMeta,
  openEnvelope,
  parseEncodedJson,
  sealEnvelope,
} from '@miniplane/api'
import { StoredEncoder } from './encode-stored.js'
import { headFirst, LateJson, layoutOf } from './json-layout.js'
import type { StorageMediaType } from './media-type.js'
import { type EncodedObject, StoredObject } from './stored-object.js'

/** A key and its value as the store has them. */
export interface StoredValue {
  readonly key: string
  readonly value: Uint8Array
  readonly modRevision: number
}

interface Decoded {
  readonly object: KubeObject
  readonly encoded: EncodedObject
  stored: StoredObject | undefined
}

/** What bytes hold is kept with them: whoever has the same bytes has it, and for as long. */
const DECODED: unique symbol = Symbol('decoded')
interface KnownBytes extends Uint8Array {
  [DECODED]?: Decoded
}

const decoder = new TextDecoder()
const UNKNOWN_VERSION = undefined as unknown as string

/**
 * Turns objects into what the store keeps and back. Objects are encoded once, when they are
 * written; a store in this process hands the same bytes back, and then the object that they were
 * made from is at hand and nothing is parsed. Whatever is written, both forms are read.
 */
export class ObjectCodec {
  readonly #encoder = new StoredEncoder()
  readonly #writesProtobuf: boolean

  constructor(mediaType: StorageMediaType = 'application/json') {
    this.#writesProtobuf = mediaType !== 'application/json'
  }

  /** Takes `draft` over: it becomes the shared object of the write that follows. */
  encode(draft: KubeObject): Uint8Array {
    // It is left out until the store says which revision the write got.
    draft.metadata.resourceVersion = UNKNOWN_VERSION
    const bytes = this.#writesProtobuf ? this.#encodeProtobuf(draft) : undefined
    return bytes ?? this.#encodeJson(draft)
  }

  /** The object that `value` holds, with its resourceVersion. */
  decode({ key, value, modRevision }: StoredValue): StoredObject {
    const decoded = (value as KnownBytes)[DECODED] ?? parse(value)
    const known = decoded.stored
    if (known) return known.revision === modRevision ? known : known.at(modRevision)
    decoded.object.metadata = atVersion(decoded.object.metadata, String(modRevision))
    decoded.stored = new StoredObject(key, modRevision, decoded.object, decoded.encoded)
    return decoded.stored
  }

  #encodeJson(draft: KubeObject): Uint8Array {
    const encoded = this.#encoder.encode(draft)
    const bytes: KnownBytes = encoded.bytes
    bytes[DECODED] = { object: draft, encoded, stored: undefined }
    return bytes
  }

  /** Undefined for kinds without a message, which are JSON in every store. */
  #encodeProtobuf(draft: KubeObject): Uint8Array | undefined {
    const { kind = '', apiVersion = '' } = draft
    const schema = messageSchema(apiVersion, kind)
    if (!schema) return undefined
    const raw = encodeMessage(draft, schema)
    const bytes: KnownBytes = sealEnvelope({ kind, apiVersion, raw })
    bytes[DECODED] = { object: draft, encoded: new LateJson(draft), stored: undefined }
    return bytes
  }
}

/** With the version where it is written, so that every form of the object has the order of fields. */
function atVersion(metadata: ObjectMeta, resourceVersion: string): ObjectMeta {
  const versioned: Record<string, unknown> = {}
  for (const name in metadata) {
    if (name === 'resourceVersion') continue
    versioned[name] = metadata[name as keyof ObjectMeta]
    if (name === 'uid') versioned.resourceVersion = resourceVersion
  }
  versioned.resourceVersion = resourceVersion
  return versioned
}

function parse(value: KnownBytes): Decoded {
  const decoded = isEnvelope(value) ? parseProtobuf(value) : parseJson(value)
  value[DECODED] = decoded
  return decoded
}

function parseJson(value: Uint8Array): Decoded {
  const text = decoder.decode(value)
  const object = parseEncodedJson(text) as KubeObject
  // Written by somebody else, in an order of fields that does not fit the splicing: ours then.
  const isOurs = text.startsWith('{"kind":"') && /"uid":"[^"]*",/.test(text)
  object.metadata.resourceVersion = UNKNOWN_VERSION
  const ownText = isOurs ? text : `${encodeJsonText(headFirst(object))}\n`
  const bytes = isOurs ? value : Buffer.from(ownText)
  return { object, encoded: layoutOf(bytes, object, ownText), stored: undefined }
}

function parseProtobuf(value: Uint8Array): Decoded {
  const { kind, apiVersion, raw } = openEnvelope(value)
  const schema = messageSchema(apiVersion, kind)
  if (!schema)
    throw new Error(`the store holds a ${kind} of ${apiVersion}, which is not known here`)
  const fields = { kind, apiVersion, ...decodeMessage(raw, schema) }
  const object = decodeObject(fields, schema).object as unknown as KubeObject
  return { object, encoded: new LateJson(object), stored: undefined }
}
