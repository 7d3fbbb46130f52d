import {
  apiVersionOf,
  type Clock,
  type EncodedWatchEvent,
  type KubeObject,
  type WatchEventType,
} from '@miniplane/api'
import type { Resource } from '../registry/resource.js'
import { type Encodable, formOf, versionForm } from '../storage/shared-object.js'
import { unstored } from '../storage/unstored.js'
import { EncodedEvent } from '../watch-cache/cache-event.js'
import { MEDIA_TYPES, type Representation } from './accept.js'
import { partialMetadata } from './partial-metadata.js'
import { encodeWatchFrame } from './protobuf.js'
import { type IncludeObject, Table } from './table.js'

/** How one watch sees the events, one after the other. */
export type WatchView = (event: EncodedWatchEvent) => EncodedWatchEvent

export const watchMediaType = ({ format }: Representation): string =>
  format === 'json' ? MEDIA_TYPES.json : `${MEDIA_TYPES[format]};stream=watch`

/**
 * The views of watches that asked for this representation: watches of the same one share each event
 * and its bytes. Undefined: they see the events as they are. What is returned begins a watch.
 */
export function watchViews(
  resource: Resource,
  representation: Representation,
  include: IncludeObject,
  clock: Clock,
): (() => WatchView) | undefined {
  const { as, format } = representation
  if (!as && !resource.conversion && format === 'json') return undefined
  const isTable = as?.kind === 'Table'
  const version = resource.conversion ? apiVersionOf(resource.definition) : ''
  const name = [format, version, as?.kind, as?.version, isTable && include].join()
  const viewOf = (event: EncodedEvent, isFirst: boolean): EncodedWatchEvent => {
    const nowMs = isTable ? clock.now() : 0
    const table = { include, nowMs, withColumns: isFirst }
    return event.view(
      isTable && isFirst ? `first,${name}` : name,
      ({ type, value }) => {
        const seen = type === 'ERROR' ? value : transformed(resource, representation, event, table)
        return format === 'protobuf' ? new FramedEvent(type, seen) : new EncodedEvent(type, seen)
      },
      Math.floor(nowMs / 1000),
    )
  }
  return () => {
    let isFirst = true
    return (event) => {
      const seen =
        event instanceof EncodedEvent ? event : new EncodedEvent(event.type, unstored(event.object))
      const view = viewOf(seen, isFirst)
      if (event.type !== 'ERROR') isFirst = false
      return view
    }
  }
}

function transformed(
  resource: Resource,
  { as }: Representation,
  { value }: EncodedEvent,
  table: { include: IncludeObject; nowMs: number; withColumns: boolean },
): Encodable {
  const { conversion, definition } = resource
  const served = conversion
    ? formOf(value, apiVersionOf(definition), (object) => versionForm(conversion.toServed(object)))
    : value
  if (!as) return served
  if (as.kind !== 'Table') return partialMetadata(served, as.version)
  const { resourceVersion = '' } = (served.object as KubeObject).metadata
  return new Table(resource, [served], {
    ...table,
    version: as.version,
    metadata: { resourceVersion },
  })
}

/** A watch event in protobuf. */
class FramedEvent implements EncodedWatchEvent {
  readonly type: WatchEventType
  readonly #value: Encodable
  #frame: Uint8Array | undefined

  constructor(type: WatchEventType, value: Encodable) {
    this.type = type
    this.#value = value
  }

  get object(): KubeObject {
    return this.#value.object as KubeObject
  }

  readonly bytes = (): Uint8Array => {
    this.#frame ??= encodeWatchFrame(this.type, this.#value)
    return this.#frame
  }
}
