import { encodeJsonText, encodeMessage, type KubeObject, messageSchema } from '@miniplane/api'

/** An object together with its encoded form. */
export interface Encodable {
  /** Shared: never to be written to. */
  readonly object: unknown
  /** One JSON document and a newline. */
  json(): Uint8Array
  /**
   * The object's message on the protobuf wire, without the envelope. Undefined when the kind has
   * none; absent where nothing is kept.
   */
  message?(): Uint8Array | undefined
  /** The bytes of `json()` in pieces; absent where there is but one. */
  parts?(): readonly Uint8Array[]
}

/** What knows how it stands in a list. */
export interface ListItem {
  /** Of what `writeItem` writes. */
  readonly itemLength: number
  /** Returns the end. */
  writeItem(target: Buffer, start: number): number
}

/** Some items that stood one after the other in a list, and their bytes: each after a comma. */
export interface ListRun {
  readonly items: readonly SharedObject[]
  readonly bytes: Uint8Array
}

interface KnownForm {
  readonly stamp: number
  readonly form: WeakRef<ObjectForm>
}

/**
 * An object at one revision, shared by all who read it, with every form that somebody asked for:
 * each is made once, and kept until the memory is wanted for something else.
 */
export abstract class SharedObject implements Encodable, ListItem {
  abstract readonly object: KubeObject
  #message: Uint8Array | undefined
  #forms: Map<string, KnownForm> | undefined
  /** The run that begins with this item, as it was when it was last listed. */
  run: ListRun | undefined
  #endsRun: boolean | undefined

  /**
   * Lists are kept as runs of items. Where a run ends is the item's own business, so that an item
   * which comes or goes changes one run and not all behind it.
   */
  get endsRun(): boolean {
    this.#endsRun ??= hashOf(this.object.metadata?.name ?? '') % RUN_ITEMS === 0
    return this.#endsRun
  }

  abstract json(): Uint8Array
  abstract get itemLength(): number
  /** Without kind and apiVersion, which the list has for all. */
  abstract writeItem(target: Buffer, start: number): number

  message(): Uint8Array | undefined {
    if (!this.#message) {
      const { kind = '', apiVersion = '' } = this.object
      const schema = messageSchema(apiVersion, kind)
      this.#message = schema && encodeMessage(this.object, schema)
    }
    return this.#message
  }

  /**
   * Another form: a served version, bare metadata, a row. One that changes with time as well is
   * given a `stamp`, and made again when that is another one.
   */
  form(name: string, make: (object: KubeObject) => ObjectForm, stamp = 0): ObjectForm {
    this.#forms ??= new Map()
    const known = this.#forms.get(name)
    const kept = known?.stamp === stamp ? known.form.deref() : undefined
    if (kept) return kept
    const form = make(this.object)
    this.#forms.set(name, { stamp, form: new WeakRef(form) })
    return form
  }
}

/** Items in a run, on average. */
const RUN_ITEMS = 64

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

const OPEN_BRACE = 0x7b

/** An object that is made of a stored one. Encoded when somebody asks, and then kept. */
export class ObjectForm extends SharedObject {
  readonly object: KubeObject
  readonly #keepsType: boolean
  #json: Buffer | undefined
  /** Where the object begins that stands in a list, behind its opening brace. */
  #bodyAt = 1

  /** `keepsType`: says in a list too what it is, or is no object at all. */
  constructor(object: KubeObject, keepsType: boolean) {
    super()
    this.object = object
    this.#keepsType = keepsType
  }

  json(): Buffer {
    if (!this.#json) {
      const text = encodeJsonText(this.object)
      if (!this.#keepsType) this.#bodyAt = Buffer.byteLength(typeText(this.object))
      this.#json = Buffer.from(`${text}\n`)
    }
    return this.#json
  }

  get itemLength(): number {
    // The opening brace takes the place of the type; the newline goes.
    return this.json().length - this.#bodyAt
  }

  writeItem(target: Buffer, start: number): number {
    const json = this.json()
    target[start] = OPEN_BRACE
    json.copy(target, start + 1, this.#bodyAt, json.length - 1)
    return start + this.itemLength
  }
}

/** How an object's JSON begins, whose kind and apiVersion come first. */
const typeText = ({ kind, apiVersion }: KubeObject) =>
  `{"kind":${encodeJsonText(kind)},"apiVersion":${encodeJsonText(apiVersion)},`

/** An object in another version; `object` must begin with its type. */
export const versionForm = (object: KubeObject): ObjectForm => new ObjectForm(object, false)

/** The same form of something that may not be shared. */
export function formOf(
  value: Encodable,
  name: string,
  make: (object: KubeObject) => ObjectForm,
  stamp = 0,
): ObjectForm {
  return value instanceof SharedObject
    ? value.form(name, make, stamp)
    : make(value.object as KubeObject)
}
