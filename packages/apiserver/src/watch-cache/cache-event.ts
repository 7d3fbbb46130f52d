import type { EncodedWatchEvent, KubeObject, WatchEventType } from '@miniplane/api'
import type { Encodable } from '../storage/shared-object.js'
import type { StoredObject } from '../storage/stored-object.js'

interface KnownView {
  readonly stamp: number
  readonly view: EncodedWatchEvent
}

/**
 * A watch event whose JSON line is made once, when the first watcher asks for it; and so is every
 * other view that watchers have of it.
 */
export class EncodedEvent implements EncodedWatchEvent {
  readonly type: WatchEventType
  /** What happened to it. */
  readonly value: Encodable
  #line: Uint8Array | undefined
  #views: Map<string, KnownView> | undefined

  constructor(type: WatchEventType, value: Encodable) {
    this.type = type
    this.value = value
  }

  get object(): KubeObject {
    return this.value.object as KubeObject
  }

  /** Another view of the event: with a `stamp` one that changes with time, and is made again then. */
  view(
    name: string,
    make: (event: EncodedEvent) => EncodedWatchEvent,
    stamp = 0,
  ): EncodedWatchEvent {
    this.#views ??= new Map()
    const known = this.#views.get(name)
    if (known?.stamp === stamp) return known.view
    const view = make(this)
    this.#views.set(name, { stamp, view })
    return view
  }

  readonly bytes = (): Uint8Array => {
    this.#line ??= lineOf(this.type, this.value.json())
    return this.#line
  }
}

const PREFIXES = new Map<WatchEventType, Buffer>(
  (['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const).map((type) => [
    type,
    Buffer.from(`{"type":"${type}","object":`),
  ]),
)
const SUFFIX = Buffer.from('}\n')
const NEWLINE = 0x0a

function lineOf(type: WatchEventType, json: Uint8Array): Uint8Array {
  const end = json.at(-1) === NEWLINE ? json.length - 1 : json.length
  return Buffer.concat([PREFIXES.get(type) ?? SUFFIX, json.subarray(0, end), SUFFIX])
}

/**
 * One change of one object. A watcher with a selector may see it as another type than it is: an
 * object that starts to match is ADDED for it, one that stops is DELETED.
 */
export class CacheEvent {
  readonly revision: number
  /** The object after the change; for a deletion its last state, at the deletion's revision. */
  readonly current: StoredObject
  /** The object before the change; absent when it was created. */
  readonly previous: StoredObject | undefined
  readonly isDeletion: boolean
  #added: EncodedEvent | undefined
  #modified: EncodedEvent | undefined
  #deleted: EncodedEvent | undefined

  constructor(
    revision: number,
    current: StoredObject,
    previous: StoredObject | undefined,
    isDeletion: boolean,
  ) {
    this.revision = revision
    this.current = current
    this.previous = previous
    this.isDeletion = isDeletion
  }

  get added(): EncodedEvent {
    this.#added ??= new EncodedEvent('ADDED', this.current)
    return this.#added
  }

  get modified(): EncodedEvent {
    this.#modified ??= new EncodedEvent('MODIFIED', this.current)
    return this.#modified
  }

  /** Holds what watchers saw last, at the revision of this change. */
  get deleted(): EncodedEvent {
    const last = this.isDeletion ? this.current : this.previous?.at(this.revision)
    this.#deleted ??= new EncodedEvent('DELETED', last ?? this.current)
    return this.#deleted
  }

  /** As somebody without a selector sees it. */
  get plain(): EncodedEvent {
    if (this.isDeletion) return this.deleted
    return this.previous ? this.modified : this.added
  }

  /** As somebody sees it who watches only what `matches`, or undefined when it is none of theirs. */
  seenThrough(matches: (object: KubeObject) => boolean): EncodedEvent | undefined {
    const before = this.previous !== undefined && matches(this.previous.object)
    const after = !this.isDeletion && matches(this.current.object)
    if (after) return before ? this.modified : this.added
    return before ? this.deleted : undefined
  }
}
