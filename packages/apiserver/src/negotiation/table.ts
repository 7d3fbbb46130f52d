import { type KubeObject, type ListMeta } from '@miniplane/api'
import type { Resource } from '../registry/resource.js'
import type { ColumnDefinition, TableColumns } from '../registry/strategy.js'

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
  const table = strategy.table ?? DEFAULT_TABLE
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: withColumns ? table.columns : null,
    rows: objects.map((object) => {
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

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'
const CREATED_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

const column = (
  name: string,
  type: ColumnDefinition['type'],
  format: string,
  description: string,
): ColumnDefinition => ({ name, type, format, description, priority: 0 })

/** For kinds that nobody wrote columns for. */
const DEFAULT_TABLE: TableColumns<KubeObject> = {
  columns: [
    column('Name', 'string', 'name', NAME_DESCRIPTION),
    column('Created At', 'date', '', CREATED_DESCRIPTION),
  ],
  cells: ({ metadata }) => [metadata.name ?? '', metadata.creationTimestamp ?? ''],
}

