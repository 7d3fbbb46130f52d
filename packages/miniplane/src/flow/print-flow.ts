import type { CausalRecord } from '@miniplane/api'

/** Colours, or plain text where nobody could see them. */
export interface Paint {
  dim(text: string): string
  bold(text: string): string
  green(text: string): string
  cyan(text: string): string
}

/** The resources of the flow; leases, events and node heartbeats are left to `kubectl-lite trace`. */
const SHOWN = new Set([
  'apps/deployments',
  'apps/replicasets',
  '/pods',
  '/services',
  'discovery.k8s.io/endpointslices',
])

/** Whether a write belongs to the story that `npm start` tells. */
export const isPartOfFlow = (record: CausalRecord): boolean => SHOWN.has(record.resource)

/**
 * One write in two or three lines: what was done by whom, where it was stored, and which stored
 * changes made its author act.
 */
export function describeWrite(record: CausalRecord, startMs: number, paint: Paint): string[] {
  const elapsed = `+${(record.timeMs - startMs).toFixed(1)} ms`.padStart(11)
  const what = record.subresource
    ? `${record.verb} ${resourceName(record)}/${record.subresource}`
    : `${record.verb} ${resourceName(record)}`
  const actor = record.cause?.actor ?? (record.userAgent || record.user)
  const summary = record.summary === undefined ? '' : ` ${paint.green(`(${record.summary})`)}`
  const lines = [
    `${paint.dim(elapsed)}  ${paint.bold(actor)} ${paint.cyan(what)} ${record.key}${summary}`,
    `             ${paint.dim(`stored under ${record.storageKey} at revision ${record.revision}`)}`,
  ]
  const triggers = record.cause?.triggers ?? []
  if (triggers.length > 0) {
    const seen = triggers.map(
      ({ resource, key, revision }) => `${resource.replace(/^.*\//, '')} ${key} at ${revision}`,
    )
    lines.push(`             ${paint.dim(`because it saw ${seen.slice(-3).join(', ')}`)}`)
  }
  return lines
}

const resourceName = ({ resource }: CausalRecord): string => resource.replace(/^.*\//, '')
