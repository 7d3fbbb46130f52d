import { encodeJsonText, type KubeObject, type ListMeta } from '@miniplane/api'
import { defaultTable } from '../registry/columns/column.js'
import { scaleTable } from '../registry/columns/scale.js'
import type { Resource } from '../registry/resource.js'
import type { TableColumns } from '../registry/strategy.js'
import { type Encodable, formOf, ObjectForm } from '../storage/shared-object.js'
import { encodeItems } from './encode-list.js'
import { metadataObject } from './partial-metadata.js'

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface TableOptions {
  /** Of meta.k8s.io. */
  readonly version: string
  readonly metadata: ListMeta
  readonly include: IncludeObject
  readonly nowMs: number
  /** False: only the first event of a watch says what the columns are. */
  readonly withColumns: boolean
}

/** Objects as rows for people, as `kubectl get` asks for them. */
export class Table implements Encodable {
  readonly #head: Readonly<Record<string, unknown>>
  readonly #rows: readonly ObjectForm[] | null

  constructor(resource: Resource, objects: readonly Encodable[], options: TableOptions) {
    const { version, metadata, withColumns } = options
    const table = tableOf(resource, objects[0])
    this.#head = {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${version}`,
      metadata,
      columnDefinitions: withColumns || table.alwaysNamesColumns ? table.columns : null,
    }
    // The real server's general converter begins with no rows, those of the kinds with an empty list.
    const isEmptyDefault = table === defaultTable && objects.length === 0
    const { compare } = table
    const inOrder = compare
      ? objects.toSorted((a, b) => compare(a.object as KubeObject, b.object as KubeObject))
      : objects
    this.#rows = isEmptyDefault ? null : inOrder.map((one) => row(resource, one, options))
  }

  get object(): unknown {
    return { ...this.#head, rows: this.#rows?.map(({ object }) => object) ?? null }
  }

  json(): Uint8Array {
    const head = encodeJsonText(this.#head).slice(0, -1)
    if (!this.#rows) return Buffer.from(`${head},"rows":null}\n`)
    return encodeItems(`${head},"rows":[`, this.#rows, ']}\n')
  }
}

/** A subresource that is another kind has columns of its own. */
function tableOf({ strategy }: Resource, one: Encodable | undefined): TableColumns<KubeObject> {
  const isScale = (one?.object as KubeObject | undefined)?.kind === 'Scale'
  return isScale
    ? (scaleTable as unknown as TableColumns<KubeObject>)
    : (strategy.table ?? defaultTable)
}

/** What changes with time in a row is an age in whole seconds, so that a row lives for one. */
function row(
  resource: Resource,
  value: Encodable,
  { version, include, nowMs }: TableOptions,
): ObjectForm {
  const table = tableOf(resource, value)
  const make = (object: KubeObject) => {
    const conditions = table.conditions?.(object)
    const cells = {
      cells: table.cells(object, nowMs),
      ...(conditions && conditions.length > 0 && { conditions }),
      object: included(object, include, version),
    }
    return new ObjectForm(cells as unknown as KubeObject, true)
  }
  return formOf(value, `row/${version}/${include}`, make, Math.floor(nowMs / 1000))
}

function included(object: KubeObject, include: IncludeObject, version: string): unknown {
  switch (include) {
    case 'None':
      // Where what there was at first ends, a watch must be told in any case.
      return object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true'
        ? metadataObject(object, version)
        : null
    case 'Object':
      return object
    case 'Metadata':
      return metadataObject(object, version)
  }
}
