import { encodeJsonText, type KubeObject } from '@miniplane/api'
import type { EncodedObject } from './stored-object.js'

/** Where in an object's JSON is what readers add or leave out. `object` is what `text` says. */
export function layoutOf(bytes: Uint8Array, object: KubeObject, text: string): EncodedObject {
  const kind = `{"kind":${JSON.stringify(object.kind)},"apiVersion":${JSON.stringify(object.apiVersion)},`
  const uid = `"uid":${JSON.stringify(object.metadata.uid ?? '')},`
  const at = text.indexOf(uid)
  if (!text.startsWith(kind) || at < 0)
    throw new Error(`cannot lay out ${text.slice(0, 200)}: no kind or uid in front`)
  const end = at + uid.length
  // Names of roles may hold any character: offsets count bytes.
  const isAscii = bytes.length === text.length
  const versionAt = isAscii ? end : Buffer.byteLength(text.slice(0, end))
  return { bytes, bodyAt: kind.length, versionAt }
}

/** The same fields, those in front that a layout looks for there. */
export function headFirst({ kind, apiVersion, metadata, ...rest }: KubeObject): KubeObject {
  const { name, generateName, namespace, uid, ...others } = metadata
  // Something always follows the uid, so that what is put between has its comma.
  const afterUid = { creationTimestamp: null, ...others }
  const front = { name, generateName, namespace, uid, ...afterUid } as KubeObject['metadata']
  return { kind: kind ?? '', apiVersion: apiVersion ?? '', metadata: front, ...rest }
}

/** JSON of an object that is stored otherwise: made when the first reader wants it. */
export class LateJson implements EncodedObject {
  readonly #object: KubeObject
  #layout: EncodedObject | undefined

  constructor(object: KubeObject) {
    this.#object = object
  }

  get bytes(): Uint8Array {
    return this.#made().bytes
  }

  get bodyAt(): number {
    return this.#made().bodyAt
  }

  get versionAt(): number {
    return this.#made().versionAt
  }

  #made(): EncodedObject {
    if (!this.#layout) {
      const { resourceVersion: _readersAddIt, ...metadata } = this.#object.metadata
      const object = { ...this.#object, metadata }
      const text = `${encodeJsonText(object)}\n`
      this.#layout = layoutOf(Buffer.from(text), object, text)
    }
    return this.#layout
  }
}
