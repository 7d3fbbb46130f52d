import {
  FITS,
  type FilterPlugin,
  type NodeScorer,
  SCORE_MAX,
  type ScorePlugin,
  unresolvable,
  unschedulable,
} from '../framework/plugin.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import {
  constraintsOf,
  countMatching,
  defaultConstraints,
  type SpreadConstraint,
} from './spread-constraint.js'
import { TopologyCounts } from './topology-counts.js'

const TOO_SKEWED = unschedulable("node(s) didn't match pod topology spread constraints")
const NO_LABEL = unresolvable(
  "node(s) didn't match pod topology spread constraints (missing required label)",
)
const HOSTNAME = 'kubernetes.io/hostname'

/** Spreads Pods evenly over hosts, zones, or whatever a label divides the nodes into. */
export const podTopologySpread: FilterPlugin & ScorePlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  retryOn: [
    'node/added',
    'node/labels',
    'node/taints',
    'pod/assigned',
    'pod/labels',
    'pod/removed',
  ],

  prefilter(pod, cluster) {
    const constraints = constraintsOf(pod, 'DoNotSchedule')
    if (constraints.length === 0) return undefined
    const rules = constraints.map((constraint) => {
      const counts = countDomains(pod, cluster, constraint, constraints)
      const fewest = Math.min(...counts.values(constraint.topologyKey))
      const tooFew = counts.domains(constraint.topologyKey) < constraint.minDomains
      const self = constraint.selector?.matches(pod.pod.metadata.labels ?? {}) ? 1 : 0
      return { ...constraint, counts, self, min: tooFew || fewest === Infinity ? 0 : fewest }
    })
    return {
      filter(node) {
        for (const { topologyKey, counts, self, min, maxSkew } of rules) {
          const value = node.labels[topologyKey]
          if (value === undefined) return NO_LABEL
          if (counts.of(topologyKey, value) + self - min > maxSkew) return TOO_SKEWED
        }
        return FITS
      },
    }
  },

  prescore(pod, cluster, feasible) {
    const own = constraintsOf(pod, 'ScheduleAnyway')
    if (own.length > 0) return scorer(pod, cluster, feasible, own, true)
    const defaults = defaultConstraints(pod, cluster)
    return defaults.length > 0 ? scorer(pod, cluster, feasible, defaults, false) : undefined
  },
}

const hasAllKeys = (node: NodeInfo, constraints: readonly SpreadConstraint[]): boolean =>
  constraints.every(({ topologyKey }) => node.labels[topologyKey] !== undefined)

/** Pods per domain, over the nodes that have all the constraints' labels. */
function countDomains(
  pod: PodInfo,
  cluster: ClusterView,
  constraint: SpreadConstraint,
  all: readonly SpreadConstraint[],
): TopologyCounts {
  const counts = new TopologyCounts()
  for (const node of cluster.nodes) {
    const value = node.labels[constraint.topologyKey]
    if (value === undefined || !hasAllKeys(node, all) || !constraint.counts(node)) continue
    const matching = countMatching(node, pod.pod.metadata.namespace, constraint)
    counts.add(constraint.topologyKey, value, matching)
  }
  return counts
}

/**
 * Fewer matching Pods in the node's domains are better. A domain counts for more when there are
 * many of its kind, so that spreading over three zones isn't drowned by hundreds of hosts.
 */
function scorer(
  pod: PodInfo,
  cluster: ClusterView,
  feasible: readonly NodeInfo[],
  constraints: readonly SpreadConstraint[],
  needsAllKeys: boolean,
): NodeScorer {
  const isIgnored = (node: NodeInfo) => needsAllKeys && !hasAllKeys(node, constraints)
  const { namespace } = pod.pod.metadata
  const rules = constraints.map((constraint) => {
    const { topologyKey } = constraint
    const candidates = feasible.filter((node) => !isIgnored(node) && node.labels[topologyKey])
    const domains = new Set(candidates.map((node) => node.labels[topologyKey]))
    const counts = new TopologyCounts()
    // A host's Pods are counted when the host is scored, all other domains here.
    for (const node of topologyKey === HOSTNAME ? [] : cluster.nodes) {
      const value = node.labels[topologyKey]
      if (value === undefined || !domains.has(value) || isIgnored(node)) continue
      if (constraint.counts(node)) {
        counts.add(topologyKey, value, countMatching(node, namespace, constraint))
      }
    }
    return { constraint, counts, weight: Math.log(domains.size + 2) }
  })
  return {
    score(node) {
      if (isIgnored(node)) return 0
      let sum = 0
      for (const { constraint, counts, weight } of rules) {
        const value = node.labels[constraint.topologyKey]
        if (value === undefined) continue
        const isHost = constraint.topologyKey === HOSTNAME
        const count = isHost
          ? countMatching(node, namespace, constraint)
          : counts.of(constraint.topologyKey, value)
        sum += count * weight + (constraint.maxSkew - 1)
      }
      return Math.round(sum)
    },
    normalize: (scores, nodes) => normalize(scores, nodes.map(isIgnored)),
  }
}

function normalize(scores: number[], ignored: readonly boolean[]): void {
  const counted = scores.filter((_, i) => !ignored[i])
  const min = Math.min(...counted)
  const max = Math.max(...counted)
  for (let i = 0; i < scores.length; i++) {
    if (ignored[i]) scores[i] = 0
    else if (max === 0) scores[i] = SCORE_MAX
    else scores[i] = Math.floor((SCORE_MAX * (max + min - (scores[i] ?? 0))) / max)
  }
}
