import type { Changed } from '../framework/changed.js'
import { onChangedNode } from '../framework/hints.js'
import {
  FITS,
  type FilterPlugin,
  SCORE_MAX,
  type ScorePlugin,
  unresolvable,
  unschedulable,
  type Verdict,
} from '../framework/plugin.js'
import type { AffinityTerm } from '../snapshot/affinity-term.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import { TopologyCounts } from './topology-counts.js'

const NOT_NEAR = unresolvable("node(s) didn't match pod affinity rules")
const TOO_NEAR = unschedulable("node(s) didn't match pod anti-affinity rules")
const UNWELCOME = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")

/** How much a Pod's *required* affinity counts as a preference of the Pods it points to. */
const HARD_AFFINITY_WEIGHT = 1

/** Near some Pods, far from others; the Pods already there have a say, too. */
export const interPodAffinity: FilterPlugin & ScorePlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  retryOn: ['node/added', 'node/labels', 'pod/assigned', 'pod/labels', 'pod/removed'],
  mayHelp,

  prefilter(pod, cluster) {
    const unwelcome = whereUnwelcome(pod, cluster)
    const isPicky = pod.requiredAffinity.length + pod.requiredAntiAffinity.length > 0
    if (unwelcome.isEmpty && !isPicky) return undefined
    const near = new TopologyCounts()
    const far = new TopologyCounts()
    if (isPicky) countNeighbours(pod, cluster, near, far)
    return {
      filter(node): Verdict {
        if (!isNearEnough(pod, node, near, cluster)) return NOT_NEAR
        if (pod.requiredAntiAffinity.some((term) => countAt(far, term, node) > 0)) return TOO_NEAR
        for (const key of unwelcome.keys()) {
          const value = node.labels[key]
          if (value !== undefined && unwelcome.of(key, value) > 0) return UNWELCOME
        }
        return FITS
      },
    }
  },

  prescore(pod, cluster) {
    const sums = preferences(pod, cluster)
    if (sums.isEmpty) return undefined
    return {
      score(node) {
        let sum = 0
        for (const key of sums.keys()) {
          const value = node.labels[key]
          if (value !== undefined) sum += sums.of(key, value)
        }
        return sum
      },
      normalize(scores) {
        const min = Math.min(...scores)
        const range = Math.max(...scores) - min
        for (let i = 0; i < scores.length; i++) {
          scores[i] = range === 0 ? 0 : Math.floor((SCORE_MAX * ((scores[i] ?? 0) - min)) / range)
        }
      },
    }
  },
}

/** A Pod helps that somebody wanted near, or that kept somebody away (before it changed or went). */
function mayHelp(
  this: FilterPlugin,
  pod: PodInfo,
  changed: Changed,
  cluster: ClusterView,
): boolean {
  const other = changed.pod
  if (!other) return onChangedNode.call(this, pod, changed, cluster)
  const keepsAway = (one: PodInfo, from: PodInfo) =>
    one.requiredAntiAffinity.some((term) => term.matches(from.pod, cluster.namespaceLabels))
  const isWanted =
    pod.requiredAffinity.length > 0 && matchesAll(pod.requiredAffinity, other, cluster)
  return isWanted || (changed.isLess === true && (keepsAway(pod, other) || keepsAway(other, pod)))
}

/** Topologies that an existing Pod, by its own anti-affinity, keeps this one out of. */
function whereUnwelcome(pod: PodInfo, cluster: ClusterView): TopologyCounts {
  const counts = new TopologyCounts()
  for (const node of cluster.nodes) {
    if (node.antiAffinityPods === 0) continue
    for (const other of node.pods.values()) {
      for (const term of other.requiredAntiAffinity) {
        if (term.matches(pod.pod, cluster.namespaceLabels)) addAt(counts, term, node, 1)
      }
    }
  }
  return counts
}

/** A Pod counts as near only if it matches every term of the affinity at once. */
function countNeighbours(
  pod: PodInfo,
  cluster: ClusterView,
  near: TopologyCounts,
  far: TopologyCounts,
): void {
  const { requiredAffinity, requiredAntiAffinity } = pod
  for (const node of cluster.nodes) {
    for (const other of node.pods.values()) {
      if (requiredAffinity.length > 0 && matchesAll(requiredAffinity, other, cluster)) {
        for (const term of requiredAffinity) addAt(near, term, node, 1)
      }
      for (const term of requiredAntiAffinity) {
        if (term.matches(other.pod, cluster.namespaceLabels)) addAt(far, term, node, 1)
      }
    }
  }
}

function isNearEnough(
  pod: PodInfo,
  node: NodeInfo,
  near: TopologyCounts,
  cluster: ClusterView,
): boolean {
  const terms = pod.requiredAffinity
  if (!terms.every((term) => node.labels[term.topologyKey] !== undefined)) return false
  if (terms.every((term) => countAt(near, term, node) > 0)) return true
  // The first of a group that wants to be together: there is nobody to be near yet.
  return near.isEmpty && matchesAll(terms, pod, cluster)
}

/** What being on a node is worth, by topology: this Pod's preferences and those of the others. */
function preferences(pod: PodInfo, cluster: ClusterView): TopologyCounts {
  const sums = new TopologyCounts()
  const hasOwn = pod.preferredAffinity.length + pod.preferredAntiAffinity.length > 0
  const { namespaceLabels } = cluster
  for (const node of cluster.nodes) {
    if (!hasOwn && node.affinityPods === 0) continue
    for (const other of node.pods.values()) {
      const add = (terms: readonly AffinityTerm[], by: PodInfo, sign: number, weight?: number) => {
        for (const term of terms) {
          if (!term.matches(by.pod, namespaceLabels)) continue
          addAt(sums, term, node, sign * (weight ?? term.weight))
        }
      }
      add(pod.preferredAffinity, other, 1)
      add(pod.preferredAntiAffinity, other, -1)
      add(other.preferredAffinity, pod, 1)
      add(other.preferredAntiAffinity, pod, -1)
      add(other.requiredAffinity, pod, 1, HARD_AFFINITY_WEIGHT)
    }
  }
  return sums
}

const matchesAll = (terms: readonly AffinityTerm[], other: PodInfo, cluster: ClusterView) =>
  terms.every((term) => term.matches(other.pod, cluster.namespaceLabels))

function addAt(counts: TopologyCounts, term: AffinityTerm, node: NodeInfo, count: number): void {
  const value = node.labels[term.topologyKey]
  if (value !== undefined) counts.add(term.topologyKey, value, count)
}

function countAt(counts: TopologyCounts, term: AffinityTerm, node: NodeInfo): number {
  const value = node.labels[term.topologyKey]
  return value === undefined ? 0 : counts.of(term.topologyKey, value)
}
