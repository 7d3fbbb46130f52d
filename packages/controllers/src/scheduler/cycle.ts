import type { Random } from '@miniplane/api'
import {
  checkWithNominated,
  isFit,
  type NodeRefusal,
  type PodFilter,
  prepareFilter,
} from './framework/filter.js'
import type { Profile } from './framework/profile.js'
import { type NodeScore, scoreNodes, selectHost } from './framework/score.js'
import { limits } from './limits.js'
import type { Nominations } from './preemption/nominations.js'
import type { ClusterView } from './snapshot/cluster-view.js'
import type { NodeInfo } from './snapshot/node-info.js'
import type { PodInfo } from './snapshot/pod-info.js'

/** What a cycle found out; it changes nothing by itself. */
export type CycleResult = Placed | NotPlaced

export interface Placed {
  readonly nodeName: string
  readonly evaluated: number
  readonly feasible: number
  readonly scores: readonly NodeScore[]
  readonly refusals: ReadonlyMap<string, NodeRefusal>
}

export interface NotPlaced {
  readonly nodeName?: undefined
  readonly evaluated: number
  readonly refusals: ReadonlyMap<string, NodeRefusal>
  readonly rejection?: NodeRefusal
}

export interface CycleInput {
  readonly pod: PodInfo
  readonly cluster: ClusterView
  readonly profile: Profile
  readonly nominations: Nominations
  readonly random: Random
  /** Where to begin among the nodes, so that all get their turn when not all are looked at. */
  readonly startIndex: number
}

/** Finds the best node for a Pod: filter, then score what is left. */
export function schedulePod(input: CycleInput): CycleResult {
  const { pod, cluster, profile, random } = input
  const filter = prepareFilter(pod, cluster, profile.filters)
  if (filter.rejection) {
    return { evaluated: 0, refusals: new Map(), rejection: filter.rejection }
  }
  const { feasible, refusals, evaluated } = findFeasible(input, filter)
  const [only, ...others] = feasible
  if (!only) return { evaluated, refusals }
  const scores = others.length > 0 ? scoreNodes(pod, cluster, feasible, profile.scorers) : []
  const nodeName = scores.length > 0 ? selectHost(scores, random) : only.name
  return { nodeName, evaluated, feasible: feasible.length, scores, refusals }
}

function findFeasible(input: CycleInput, filter: PodFilter) {
  const { pod, cluster, profile, nominations, startIndex } = input
  const { nodes } = cluster
  const enough = feasibleEnough(nodes.length)
  const feasible: NodeInfo[] = []
  const refusals = new Map<string, NodeRefusal>()
  let evaluated = 0
  while (evaluated < nodes.length && feasible.length < enough) {
    const node = nodes[(startIndex + evaluated) % nodes.length]
    evaluated++
    if (!node) continue
    const nominated = nominations.on(node.name)
    const outcome =
      nominated.length === 0
        ? filter.check(node)
        : checkWithNominated(pod, node, cluster, profile.filters, filter, nominated)
    if (isFit(outcome)) feasible.push(node)
    else refusals.set(node.name, outcome)
  }
  return { feasible, refusals, evaluated }
}

/** How many feasible nodes are choice enough: all of a small cluster, a share of a large one. */
function feasibleEnough(nodeCount: number): number {
  if (nodeCount <= limits.nodesAlwaysEvaluated) return nodeCount
  const percent = Math.max(50 - Math.floor(nodeCount / 125), limits.evaluatedPercentMin)
  return Math.max(Math.floor((nodeCount * percent) / 100), limits.nodesAlwaysEvaluated)
}
