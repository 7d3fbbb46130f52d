import type { KubeObject } from '@miniplane/api'
import { SharedObject } from './shared-object.js'

/**
 * The bytes of an object as the store keeps them: without resourceVersion, which only the store
 * knows, and with two offsets that let readers add it and leave out kind and apiVersion.
 *
 * ```
 * {"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"…","creationTimestamp":…
 *  ^ bodyAt: after `"apiVersion":"v1",`   versionAt: after `"uid":"…",` ^
 * ```
 */
export interface EncodedObject {
  readonly bytes: Uint8Array
  readonly bodyAt: number
  readonly versionAt: number
}

const NEWLINE = 0x0a
const OPEN_BRACE = 0x7b

/** One object at one revision. Immutable, and shared by everybody who reads it. */
export class StoredObject extends SharedObject {
  readonly key: string
  readonly revision: number
  readonly object: KubeObject
  readonly #encoded: EncodedObject

  constructor(key: string, revision: number, object: KubeObject, encoded: EncodedObject) {
    super()
    this.key = key
    this.revision = revision
    this.object = object
    this.#encoded = encoded
  }

  json(): Uint8Array {
    const { bytes, versionAt } = this.#encoded
    const version = this.#versionText()
    const joined = Buffer.allocUnsafe(bytes.length + version.length)
    joined.set(bytes.subarray(0, versionAt))
    joined.write(version, versionAt, 'latin1')
    joined.set(bytes.subarray(versionAt), versionAt + version.length)
    return joined
  }

  get itemLength(): number {
    const { bytes, bodyAt } = this.#encoded
    // The opening brace replaces kind and apiVersion; the newline at the end goes.
    return bytes.length - bodyAt + this.#versionText().length
  }

  writeItem(target: Buffer, start: number): number {
    const { bytes, bodyAt, versionAt } = this.#encoded
    let at = start
    target[at++] = OPEN_BRACE
    target.set(bytes.subarray(bodyAt, versionAt), at)
    at += versionAt - bodyAt
    at += target.write(this.#versionText(), at, 'latin1')
    const end = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length
    target.set(bytes.subarray(versionAt, end), at)
    return at + end - versionAt
  }

  /** The same bytes under another revision: what a DELETED event holds. */
  at(revision: number): StoredObject {
    if (revision === this.revision) return this
    const metadata = { ...this.object.metadata, resourceVersion: String(revision) }
    return new StoredObject(this.key, revision, { ...this.object, metadata }, this.#encoded)
  }

  #versionText(): string {
    return `"resourceVersion":"${this.revision}",`
  }
}
