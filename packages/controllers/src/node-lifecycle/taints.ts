import { findCondition, type Node, type NodeCondition, type Taint } from '@miniplane/api'

export const NOT_READY = 'node.kubernetes.io/not-ready'
export const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** Condition → its status → the taint that keeps Pods away meanwhile. */
const CONDITION_TAINTS: readonly (readonly [type: string, status: string, key: string])[] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
]

const OURS = new Set([...CONDITION_TAINTS.map(([, , key]) => key), UNSCHEDULABLE])

/**
 * The taints that a node should have: those of its conditions, as NoSchedule and, for a node that
 * is not ready, as NoExecute too; and whatever others it has. The same list when nothing changes.
 */
export function wantedTaints(node: Node, now: string): readonly Taint[] {
  const current = node.spec.taints ?? []
  const wanted = taintsOf(node)
  const isSame = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect
  const kept = current.filter(
    (taint) => !isOurs(taint) || wanted.some((each) => isSame(each, taint)),
  )
  const missing = wanted.filter((taint) => !current.some((each) => isSame(each, taint)))
  if (missing.length === 0 && kept.length === current.length) return current
  return [...kept, ...missing.map((taint) => ({ ...taint, timeAdded: now }))]
}

/** NoExecute of the pressures is the user's: only readiness evicts by itself. */
const isOurs = ({ key, effect }: Taint): boolean =>
  effect === 'NoSchedule'
    ? OURS.has(key)
    : effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE)

function taintsOf({ spec, status }: Node): Taint[] {
  const taints: Taint[] = []
  for (const [type, value, key] of CONDITION_TAINTS) {
    const condition = findCondition<NodeCondition>(status.conditions, type)
    if (condition?.status !== value) continue
    taints.push({ key, effect: 'NoSchedule' })
    if (type === 'Ready') taints.push({ key, effect: 'NoExecute' })
  }
  if (spec.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' })
  return taints
}
