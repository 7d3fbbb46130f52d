import type { ComponentStatus } from '@miniplane/api'
import { column, nameColumn, table } from './column.js'

const health = ({ conditions }: ComponentStatus) =>
  conditions?.find(({ type }) => type === 'Healthy')

function statusText(component: ComponentStatus): string {
  const found = health(component)
  if (!found) return 'Unknown'
  return found.status === 'True' ? 'Healthy' : 'Unhealthy'
}

export const componentStatusTable = table<ComponentStatus>([
  nameColumn,
  column('Status', 'string', 'Status of the component conditions', statusText),
  column(
    'Message',
    'string',
    'Message of the component conditions',
    (component) => health(component)?.message ?? '',
  ),
  column(
    'Error',
    'string',
    'Error of the component conditions',
    (component) => health(component)?.error ?? '',
  ),
])
