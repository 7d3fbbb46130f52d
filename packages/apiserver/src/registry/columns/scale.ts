import type { Scale } from '@miniplane/api'
import { ageColumn, column, nameColumn, table } from './column.js'
import { docs } from './docs.js'

/** Of the subresource, whatever it is a scale of. */
export const scaleTable = table<Scale>([
  { ...nameColumn, definition: { ...nameColumn.definition, format: '' } },
  column('Desired', 'integer', docs.scaleDesired, ({ spec }) => spec?.replicas ?? 0),
  column('Available', 'integer', docs.scaleAvailable, ({ status }) => status?.replicas ?? 0),
  ageColumn,
])
