import type { DaemonSet, Node, Pod, Taint } from '@miniplane/api'
import { allowsNode } from '../scheduler/plugins/node-selector.js'
import { tolerates } from '../scheduler/plugins/tolerations.js'
import { daemonTolerations } from './pod-template.js'

export interface Placement {
  /** A Pod is to be made there. */
  readonly shouldRun: boolean
  /** One that is there may stay. */
  readonly mayStay: boolean
}

const NOWHERE: Placement = { shouldRun: false, mayStay: false }

/** What the DaemonSet wants on this node: a taint that keeps Pods out need not drive them out. */
export function placementOn({ spec }: DaemonSet, node: Node): Placement {
  const template = spec.template.spec
  if (template.nodeName && template.nodeName !== node.metadata.name) return NOWHERE
  const pod: Pod = { metadata: {}, spec: template, status: {} }
  if (!allowsNode(pod, node)) return NOWHERE
  const tolerations = daemonTolerations(template)
  const isTolerated = (taint: Taint) => tolerations.some((each) => tolerates(each, taint))
  const unbearable = (node.spec.taints ?? []).filter((taint) => !isTolerated(taint))
  const keepsOut = unbearable.some(({ effect }) => effect === 'NoSchedule')
  const drivesOut = unbearable.some(({ effect }) => effect === 'NoExecute')
  return { shouldRun: !keepsOut && !drivesOut, mayStay: !drivesOut }
}
