import type { PodDisruptionBudget } from '@miniplane/api'
import { isFit, prepareFilter } from '../framework/filter.js'
import { type FilterPlugin, type Refusal, unresolvable } from '../framework/plugin.js'
import { type ClusterView, withNode } from '../snapshot/cluster-view.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import { splitByBudgets } from './budgets.js'

/** Whom to evict from a node so that the Pod fits there. */
export interface Victims {
  readonly node: string
  /** The most important first; at least one. */
  readonly pods: readonly PodInfo[]
  readonly budgetViolations: number
}

const NOBODY = unresolvable('No preemption victims found for incoming pod')

/** Milliseconds since the epoch; a Pod that hasn't started counts as started last. */
const startOf = ({ pod }: PodInfo): number =>
  pod.status.startTime ? Date.parse(pod.status.startTime) : Number.POSITIVE_INFINITY

/** Negative when `a` is more important: of higher priority, else running for longer. */
export const byImportance = (a: PodInfo, b: PodInfo): number => {
  if (a.priority !== b.priority) return b.priority - a.priority
  const [startA, startB] = [startOf(a), startOf(b)]
  return startA === startB ? 0 : startA < startB ? -1 : 1
}

/**
 * The smallest set of less important Pods without which `pod` fits on `node`: all of them are taken
 * away, and then one after another is put back if there is still room, those first that a
 * disruption budget protects, and the important before the less important.
 */
export function selectVictims(
  pod: PodInfo,
  node: NodeInfo,
  cluster: ClusterView,
  plugins: readonly FilterPlugin[],
  budgets: readonly PodDisruptionBudget[],
): Victims | Refusal {
  const trial = node.clone()
  const view = withNode(cluster, trial)
  const fits = () => {
    const filter = prepareFilter(pod, view, plugins)
    return filter.rejection ?? filter.check(trial)
  }
  const candidates = [...node.pods.values()].filter((other) => other.priority < pod.priority)
  if (candidates.length === 0) return NOBODY
  for (const candidate of candidates) trial.remove(candidate.uid)
  const outcome = fits()
  if (!isFit(outcome)) return outcome.refusal
  const { violating, permitted } = splitByBudgets(candidates.sort(byImportance), budgets)
  const reprieve = (candidate: PodInfo): boolean => {
    trial.add(candidate)
    if (isFit(fits())) return true
    trial.remove(candidate.uid)
    return false
  }
  const sacrificed = violating.filter((candidate) => !reprieve(candidate))
  const pods = [...sacrificed, ...permitted.filter((candidate) => !reprieve(candidate))]
  return { node: node.name, pods: pods.sort(byImportance), budgetViolations: sacrificed.length }
}

/** Compared in this order; the smaller is better. */
const CRITERIA: readonly ((victims: Victims) => number)[] = [
  ({ budgetViolations }) => budgetViolations,
  ({ pods }) => pods[0]?.priority ?? Number.NEGATIVE_INFINITY,
  // Shifted, so that a sum grows with every victim, also with those of negative priority.
  ({ pods }) => pods.reduce((sum, pod) => sum + pod.priority + 2 ** 31, 0),
  ({ pods }) => pods.length,
  ({ pods }) => -earliestStart(pods),
]

/** When the first of the most important victims started: the later, the less work is lost. */
function earliestStart(pods: readonly PodInfo[]): number {
  const highest = pods[0]?.priority
  return Math.min(...pods.filter((pod) => pod.priority === highest).map(startOf))
}

/** Where evicting hurts least. */
export function pickVictims(candidates: readonly Victims[]): Victims | undefined {
  let left = candidates
  for (const criterion of CRITERIA) {
    const best = Math.min(...left.map(criterion))
    left = left.filter((victims) => criterion(victims) === best)
    if (left.length <= 1) break
  }
  return left[0]
}
