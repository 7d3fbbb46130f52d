import type { KubeObject } from '@miniplane/api'
import type { ColumnDefinition, TableColumns } from '../strategy.js'
import { docs } from './docs.js'
import { ageOf } from './duration.js'

/** A column and how its cell is made. */
export interface Column<T> {
  readonly definition: ColumnDefinition
  cell(object: T, nowMs: number): unknown
}

type Type = ColumnDefinition['type']
type Cell<T> = (object: T, nowMs: number) => unknown

export function column<T>(name: string, type: Type, description: string, cell: Cell<T>): Column<T> {
  return { definition: { name, type, format: '', description, priority: 0 }, cell }
}

/** A column for `-o wide` only. */
export function wide<T>(name: string, type: Type, description: string, cell: Cell<T>): Column<T> {
  return { definition: { name, type, format: '', description, priority: 1 }, cell }
}

export const nameColumn: Column<KubeObject> = {
  definition: { name: 'Name', type: 'string', format: 'name', description: docs.name, priority: 0 },
  cell: ({ metadata }) => metadata.name ?? '',
}

export const ageColumn = column<KubeObject>('Age', 'string', docs.age, ({ metadata }, nowMs) =>
  ageOf(metadata.creationTimestamp, nowMs),
)

const createdAtColumn = column<KubeObject>(
  'Created At',
  'date',
  docs.age,
  ({ metadata }) => metadata.creationTimestamp ?? null,
)

export function table<T extends KubeObject>(columns: readonly Column<T>[]): TableColumns<T> {
  return {
    columns: columns.map(({ definition }) => definition),
    cells: (object, nowMs) => columns.map((one) => one.cell(object, nowMs)),
  }
}

/** For kinds that the real server gives no columns of their own. */
export const defaultTable: TableColumns<KubeObject> = table([nameColumn, createdAtColumn])

export const NONE = '<none>'
export const UNSET = '<unset>'
export const UNKNOWN = '<unknown>'

export const orNone = (text: string | undefined): string => text || NONE

/** The first three of a list and how many more there are. */
export function shortList(items: readonly string[], empty = NONE): string {
  if (items.length === 0) return empty
  if (items.length <= 3) return items.join(',')
  return `${items.slice(0, 3).join(',')} + ${items.length - 3} more...`
}

/** `a=b,c=d` in the order of the keys. */
export function labelsText(labels: Readonly<Record<string, string>> | null | undefined): string {
  const pairs = Object.keys(labels ?? {})
    .sort()
    .map((key) => `${key}=${labels?.[key]}`)
  return pairs.length === 0 ? NONE : pairs.join(',')
}

/** `standard (default)`: of several classes of a kind one may be meant when none is named. */
export function nameOrDefault<T extends KubeObject>(annotations: readonly string[]): Column<T> {
  return {
    ...nameColumn,
    cell({ metadata }) {
      const isDefault = annotations.some((key) => metadata.annotations?.[key] === 'true')
      return isDefault ? `${metadata.name} (default)` : metadata.name
    },
  }
}
