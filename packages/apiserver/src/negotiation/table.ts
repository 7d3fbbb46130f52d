import type { KubeObject, ListMeta } from '@miniplane/api'
import { defaultTable } from '../registry/columns/column.js'
import type { Resource } from '../registry/resource.js'

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
export function tableOf(
  { strategy }: Resource,
  objects: readonly KubeObject[],
  { version, metadata, include, nowMs, withColumns }: TableOptions,
): KubeObject {
  const table = strategy.table ?? defaultTable
  // The real server's general converter begins with no rows, those of the kinds with an empty list.
  const isEmptyDefault = table === defaultTable && objects.length === 0
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: withColumns ? table.columns : null,
    rows: isEmptyDefault
      ? null
      : objects.map((object) => {
          const conditions = table.conditions?.(object)
          return {
            cells: table.cells(object, nowMs),
            ...(conditions && conditions.length > 0 && { conditions }),
            object: included(object, include, version),
          }
        }),
  }
}

function included(object: KubeObject, include: IncludeObject, version: string): unknown {
  switch (include) {
    case 'None':
      return null
    case 'Object':
      return object
    case 'Metadata':
      return {
        kind: 'PartialObjectMetadata',
        apiVersion: `meta.k8s.io/${version}`,
        metadata: object.metadata,
      }
  }
}
