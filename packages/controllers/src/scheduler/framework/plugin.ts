import type { ClusterEvent } from '../queue/cluster-event.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import type { Changed } from './changed.js'

/** What a filter says of a node. */
export type Verdict = Fit | Refusal

export interface Fit {
  readonly fits: true
}

export interface Refusal {
  readonly fits: false
  /** The real scheduler's words: people search for them. */
  readonly reasons: readonly string[]
  /** Whether evicting Pods from the node could help; preemption skips the node if not. */
  readonly resolvable: boolean
}

export const FITS: Fit = { fits: true }

/** Not now: evicting Pods may help. */
export const unschedulable = (...reasons: string[]): Refusal => ({
  fits: false,
  reasons,
  resolvable: true,
})

/** Not even after preemption. */
export const unresolvable = (...reasons: string[]): Refusal => ({
  fits: false,
  reasons,
  resolvable: false,
})

/** What a plugin found out about a Pod once, before it looks at nodes. */
export interface Prepared {
  /** Absent: every node passes. */
  readonly filter?: (node: NodeInfo) => Verdict
  /** Only these nodes come into question; no other plugin sees the rest. */
  readonly onlyNodes?: ReadonlySet<string>
}

export const isRefusal = (prepared: Prepared | Refusal): prepared is Refusal => 'fits' in prepared

export interface FilterPlugin {
  readonly name: string
  /**
   * A Pod that was turned away here is worth another look only after one of these.
   */
  readonly retryOn: readonly ClusterEvent[]
  /** Whether one of these may help this Pod; absent: it may. Source: KEP-4247 (queueing hints). */
  mayHelp?(pod: PodInfo, changed: Changed, cluster: ClusterView): boolean
  /**
   * Looks at the Pod and the cluster as a whole, once a cycle. `undefined`: this plugin has nothing
   * to say about the Pod. A refusal: no node can take it.
   */
  prefilter(pod: PodInfo, cluster: ClusterView): Prepared | Refusal | undefined
}

export const SCORE_MAX = 100

export interface NodeScorer {
  score(node: NodeInfo): number
  /** Brings the scores of all feasible nodes into 0..SCORE_MAX, in place. Absent: they are. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void
}

export interface ScorePlugin {
  readonly name: string
  readonly weight: number
  /** `undefined`: this plugin has no preference for the Pod. */
  prescore(
    pod: PodInfo,
    cluster: ClusterView,
    feasible: readonly NodeInfo[],
  ): NodeScorer | undefined
}

/** The highest raw score becomes 100, the rest in proportion. */
export function highestIsBest(scores: number[]): void {
  const max = Math.max(0, ...scores)
  if (max === 0) return
  for (let i = 0; i < scores.length; i++) {
    scores[i] = Math.floor((SCORE_MAX * (scores[i] ?? 0)) / max)
  }
}

/** No raw score at all is best; the highest becomes 0. */
export function lowestIsBest(scores: number[]): void {
  const max = Math.max(0, ...scores)
  for (let i = 0; i < scores.length; i++) {
    const share = max === 0 ? 0 : Math.floor((SCORE_MAX * (scores[i] ?? 0)) / max)
    scores[i] = SCORE_MAX - share
  }
}
