import type { Random } from '@miniplane/api'
import type { ClusterView } from '../snapshot/cluster-view.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import type { ScorePlugin } from './plugin.js'

export interface NodeScore {
  readonly node: string
  readonly total: number
}

/** Weighted sums of what every plugin thinks, in the order of `feasible`. */
export function scoreNodes(
  pod: PodInfo,
  cluster: ClusterView,
  feasible: readonly NodeInfo[],
  plugins: readonly ScorePlugin[],
): NodeScore[] {
  const totals = feasible.map(() => 0)
  for (const plugin of plugins) {
    const scorer = plugin.prescore(pod, cluster, feasible)
    if (!scorer) continue
    const scores = feasible.map((node) => scorer.score(node))
    scorer.normalize?.(scores, feasible)
    for (let i = 0; i < totals.length; i++) {
      totals[i] = (totals[i] ?? 0) + plugin.weight * (scores[i] ?? 0)
    }
  }
  return feasible.map((node, i) => ({ node: node.name, total: totals[i] ?? 0 }))
}

/** The best node; chance decides between equals, so that no node is everybody's first choice. */
export function selectHost(scores: readonly NodeScore[], random: Random): string {
  let best: NodeScore | undefined
  let equals = 0
  for (const score of scores) {
    if (best && score.total < best.total) continue
    equals = best && score.total === best.total ? equals + 1 : 1
    if (equals === 1 || random.next() * equals < 1) best = score
  }
  if (!best) throw new Error('selectHost needs at least one node')
  return best.node
}
