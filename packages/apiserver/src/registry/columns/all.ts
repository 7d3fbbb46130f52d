import type { KubeObject } from '@miniplane/api'
import type { TableColumns } from '../strategy.js'
import { ageColumn, nameColumn, table } from './column.js'
import { componentStatusTable } from './component-statuses.js'

// A table reads its own kind only, and a cell is asked for objects of that kind only.
type AnyTable = TableColumns<KubeObject>
const ofItsKind = (one: unknown): AnyTable => one as AnyTable

const nameAndAge = table([nameColumn, ageColumn])

/** Columns of the kinds that have some of their own but no strategy, by group and resource. */
export const TABLES: Readonly<Record<string, AnyTable>> = {
  'resource.k8s.io/deviceclasses': nameAndAge,
  'resource.k8s.io/resourceclaimtemplates': nameAndAge,
  '/componentstatuses': ofItsKind(componentStatusTable),
}
