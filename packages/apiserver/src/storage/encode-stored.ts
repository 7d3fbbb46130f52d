import { encodeJsonText, type KubeObject, type ManagedFieldsEntry } from '@miniplane/api'
import type { EncodedObject } from './stored-object.js'

// What a tree of fields looks like never changes, and the objects of one template share theirs.
const fieldsTexts = new WeakMap<object, string>()

const COMMA = 0x2c
const SCRATCH_BYTES = 16 * 1024
/** What has grown beyond this is not kept for the next object. */
const KEPT_BYTES_MAX = 256 * 1024
/** Of UTF-8 for one character of a string. */
const CHARACTER_BYTES_MAX = 3

/**
 * Writes an object's JSON and a newline, laid out for its readers: what `encodeJsonText` says of an
 * object that begins with its kind, version and metadata, which end with its managed fields. The
 * trees of those are as long as all the rest, and are printed once for all objects that share them.
 * Nothing is joined on the way: each part goes where it belongs.
 */
export class StoredEncoder {
  #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #at = 0

  encode(object: KubeObject): EncodedObject {
    const { kind, apiVersion, metadata } = object
    this.#at = 0
    this.#put('{"kind":')
    this.#put(encodeJsonText(kind))
    this.#put(',"apiVersion":')
    this.#put(encodeJsonText(apiVersion))
    this.#put(',')
    const bodyAt = this.#at
    this.#put('"metadata":')
    const versionAt = this.#metadata(metadata)
    this.#rest(object)
    this.#put('\n')
    return { bytes: this.#taken(), bodyAt, versionAt }
  }

  /** In memory of its own: in a pool it would keep that of its neighbours, which were needed once. */
  #taken(): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(this.#at)
    this.#scratch.copy(bytes, 0, 0, this.#at)
    if (this.#scratch.length > KEPT_BYTES_MAX) this.#scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    return bytes
  }

  /** Answers where a version belongs. */
  #metadata(metadata: KubeObject['metadata']): number {
    const { managedFields } = metadata
    const text = encodeJsonText(
      managedFields ? { ...metadata, managedFields: undefined } : metadata,
    )
    const uid = `"uid":${encodeJsonText(metadata.uid ?? '')},`
    const uidAt = text.indexOf(uid)
    if (uidAt < 0) throw new Error('cannot lay out an object without a uid in front')
    // Names of roles may hold any character: offsets count bytes.
    const versionAt = this.#at + Buffer.byteLength(text.slice(0, uidAt + uid.length))
    this.#put(text)
    if (!managedFields) return versionAt
    this.#at--
    this.#put(',"managedFields":[')
    managedFields.forEach((entry, i) => {
      if (i > 0) this.#put(',')
      this.#entry(entry)
    })
    this.#put(']}')
    return versionAt
  }

  #entry(entry: ManagedFieldsEntry): void {
    const { fieldsV1, subresource } = entry
    if (!fieldsV1) {
      this.#put(encodeJsonText(entry))
      return
    }
    this.#put(encodeJsonText({ ...entry, fieldsV1: undefined, subresource: undefined }))
    this.#at--
    this.#put(',"fieldsV1":')
    this.#put(fieldsText(fieldsV1))
    if (subresource !== undefined) this.#put(`,"subresource":${encodeJsonText(subresource)}`)
    this.#put('}')
  }

  /** What follows the metadata. */
  #rest(object: KubeObject): void {
    const rest = { ...object, kind: undefined, apiVersion: undefined, metadata: undefined }
    const text = encodeJsonText(rest)
    if (text === '{}') {
      this.#put('}')
      return
    }
    const start = this.#at
    this.#put(text)
    this.#scratch[start] = COMMA
  }

  #put(text: string): void {
    const end = this.#at + text.length * CHARACTER_BYTES_MAX
    if (end > this.#scratch.length) this.#grow(end)
    this.#at += this.#scratch.write(text, this.#at)
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * bytes)
    this.#scratch.copy(larger, 0, 0, this.#at)
    this.#scratch = larger
  }
}

function fieldsText(fields: object): string {
  let text = fieldsTexts.get(fields)
  if (text === undefined) {
    text = encodeJsonText(fields)
    fieldsTexts.set(fields, text)
  }
  return text
}
