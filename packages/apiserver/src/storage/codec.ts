import { encodeJsonText, type KubeObject } from '@miniplane/api'
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

const decoder = new TextDecoder()
const UNKNOWN_VERSION = undefined as unknown as string

/**
 * Turns objects into what the store keeps and back. Objects are encoded once, when they are
 * written; a store in this process hands the same bytes back, and then the object that they were
 * made from is at hand and nothing is parsed.
 */
export class ObjectCodec {
  /** By the identity of the bytes. */
  readonly #decoded = new WeakMap<Uint8Array, Decoded>()

  /** Takes `draft` over: it becomes the shared object of the write that follows. */
  encode(draft: KubeObject): Uint8Array {
    // JSON leaves it out until the store says which revision the write got.
    draft.metadata.resourceVersion = UNKNOWN_VERSION
    const text = `${encodeJsonText(draft)}\n`
    const bytes = Buffer.from(text)
    const encoded = layout(bytes, draft, text)
    this.#decoded.set(bytes, { object: draft, encoded, stored: undefined })
    return bytes
  }

  /** The object that `value` holds, with its resourceVersion. */
  decode({ key, value, modRevision }: StoredValue): StoredObject {
    const decoded = this.#decoded.get(value) ?? this.#parse(value)
    const known = decoded.stored
    if (known) return known.revision === modRevision ? known : known.at(modRevision)
    decoded.object.metadata.resourceVersion = String(modRevision)
    decoded.stored = new StoredObject(key, modRevision, decoded.object, decoded.encoded)
    return decoded.stored
  }

  #parse(value: Uint8Array): Decoded {
    const text = decoder.decode(value)
    const object = JSON.parse(text) as KubeObject
    // Written by somebody else, in an order of fields that does not fit the splicing: ours then.
    const isOurs = text.startsWith('{"kind":"') && /"uid":"[^"]*",/.test(text)
    object.metadata.resourceVersion = UNKNOWN_VERSION
    const ownText = isOurs ? text : `${encodeJsonText(headFirst(object))}\n`
    const bytes = isOurs ? value : Buffer.from(ownText)
    const decoded: Decoded = { object, encoded: layout(bytes, object, ownText), stored: undefined }
    this.#decoded.set(value, decoded)
    return decoded
  }
}

function headFirst({ kind, apiVersion, metadata, ...rest }: KubeObject): KubeObject {
  const { name, generateName, namespace, uid, ...others } = metadata
  // Something always follows the uid, so that what is put between has its comma.
  const afterUid = { creationTimestamp: null, ...others }
  const front = { name, generateName, namespace, uid, ...afterUid } as KubeObject['metadata']
  return { kind: kind ?? '', apiVersion: apiVersion ?? '', metadata: front, ...rest }
}

function layout(bytes: Uint8Array, object: KubeObject, text: string): EncodedObject {
  const kind = `{"kind":${JSON.stringify(object.kind)},"apiVersion":${JSON.stringify(object.apiVersion)},`
  const uid = `"uid":${JSON.stringify(object.metadata.uid ?? '')},`
  const at = text.indexOf(uid)
  if (!text.startsWith(kind) || at < 0)
    throw new Error(`cannot lay out ${text.slice(0, 200)}: no kind or uid in front`)
  // Names of roles may hold any character: offsets count bytes.
  return {
    bytes,
    bodyAt: kind.length,
    versionAt: Buffer.byteLength(text.slice(0, at + uid.length)),
  }
}
