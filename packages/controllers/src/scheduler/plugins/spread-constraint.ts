import { type LabelMatcher, labelSelectorFrom, type TopologySpreadConstraint } from '@miniplane/api'
import type { ClusterView } from '../snapshot/cluster-view.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import { allowsNode } from './node-selector.js'
import { untoleratedTaint } from './tolerations.js'

export interface SpreadConstraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly selector: LabelMatcher | undefined
  /** Whether the Pods on this node count at all. */
  counts(node: NodeInfo): boolean
}

/** What holds for Pods that say nothing about spreading, as far as nodes have these labels. */
const DEFAULTS = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
] as const

export function constraintsOf(pod: PodInfo, whenUnsatisfiable: string): SpreadConstraint[] {
  return (pod.pod.spec.topologySpreadConstraints ?? [])
    .filter((constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable)
    .map((constraint) => prepare(pod, constraint))
}

/** Preferences only, and only for Pods that belong to a Service or a controller. */
export function defaultConstraints(pod: PodInfo, cluster: ClusterView): SpreadConstraint[] {
  if (pod.pod.spec.topologySpreadConstraints?.length) return []
  const selector = cluster.siblings(pod.pod)
  if (!selector) return []
  const counts = ({ node }: NodeInfo) => node !== undefined && allowsNode(pod.pod, node)
  return DEFAULTS.map((constraint) => ({ ...constraint, minDomains: 1, selector, counts }))
}

function prepare(pod: PodInfo, constraint: TopologySpreadConstraint): SpreadConstraint {
  const { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    selector: selectorOf(pod, constraint),
    counts({ node }) {
      if (!node) return false
      if (nodeAffinityPolicy === 'Honor' && !allowsNode(pod.pod, node)) return false
      return nodeTaintsPolicy === 'Ignore' || !untoleratedTaint(pod, node.spec.taints)
    },
  }
}

/** `matchLabelKeys` adds the Pod's own values, so that each revision of a workload spreads alone. */
function selectorOf(pod: PodInfo, constraint: TopologySpreadConstraint): LabelMatcher | undefined {
  if (!constraint.labelSelector) return undefined
  const own = pod.pod.metadata.labels ?? {}
  const added = (constraint.matchLabelKeys ?? []).flatMap((key) => {
    const value = own[key]
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }]
  })
  const { matchExpressions = [] } = constraint.labelSelector
  return labelSelectorFrom({
    ...constraint.labelSelector,
    matchExpressions: [...matchExpressions, ...added],
  })
}

/** Pods of the same namespace that the constraint is about; those on their way out don't count. */
export function countMatching(
  node: NodeInfo,
  namespace: string | undefined,
  { selector }: SpreadConstraint,
): number {
  if (!selector) return 0
  let total = 0
  for (const { example, count } of node.groups.values()) {
    const { metadata } = example.pod
    if (metadata.namespace === namespace && selector.matches(metadata.labels ?? {})) total += count
  }
  return total
}
