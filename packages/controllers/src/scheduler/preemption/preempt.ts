import { findCondition, type PodDisruptionBudget, type Random } from '@miniplane/api'
import type { NodeRefusal } from '../framework/filter.js'
import { fitMessage } from '../framework/fit-message.js'
import type { FilterPlugin } from '../framework/plugin.js'
import { limits } from '../limits.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import { pickVictims, selectVictims, type Victims } from './victims.js'

export interface PreemptionInput {
  readonly pod: PodInfo
  readonly cluster: ClusterView
  readonly filters: readonly FilterPlugin[]
  /** Why each node refused the Pod. */
  readonly refusals: ReadonlyMap<string, NodeRefusal>
  readonly budgets: readonly PodDisruptionBudget[]
  readonly random: Random
}

/** Whom to evict, or why that would not help, in the real scheduler's words. */
export type Preemption = { readonly victims: Victims } | { readonly message: string }

const UNHELPFUL = ['Preemption is not helpful for scheduling'] as const

/**
 * Decides whether evicting less important Pods makes room for one that fits nowhere. Decides only;
 * the caller evicts.
 */
export function planPreemption(input: PreemptionInput): Preemption {
  const ineligible = whyIneligible(input)
  if (ineligible) return { message: ineligible }
  const { pod, cluster, refusals, budgets, random } = input
  const told = new Map<string, readonly string[]>()
  const worthTrying = cluster.nodes.filter((node) => {
    const isHelpful = refusals.get(node.name)?.refusal.resolvable ?? false
    if (!isHelpful) told.set(node.name, UNHELPFUL)
    return isHelpful
  })
  const enough = Math.max(Math.floor(cluster.nodes.length / 10), limits.preemptionCandidatesMin)
  const start = Math.floor(random.next() * worthTrying.length)
  const candidates: Victims[] = []
  for (let i = 0; i < worthTrying.length && candidates.length < enough; i++) {
    const node = worthTrying[(start + i) % worthTrying.length]
    if (!node) continue
    const outcome = selectVictims(pod, node, cluster, input.filters, budgets)
    if ('fits' in outcome) told.set(node.name, outcome.reasons)
    else candidates.push(outcome)
  }
  const victims = pickVictims(candidates)
  return victims ? { victims } : { message: fitMessage(cluster.nodes.length, told.values()) }
}

function whyIneligible({ pod, cluster, refusals }: PreemptionInput): string | undefined {
  if (pod.pod.spec.preemptionPolicy === 'Never') {
    return 'not eligible due to preemptionPolicy=Never.'
  }
  const nominated = pod.pod.status.nominatedNodeName
  const node = nominated ? cluster.node(nominated) : undefined
  // When the promised node can't work out any more, another one may be tried at once.
  if (!node || refusals.get(node.name)?.refusal.resolvable === false) return undefined
  const isStillClearing = [...node.pods.values()].some(
    (other) => other.priority < pod.priority && other.isTerminating && isPreempted(other),
  )
  return isStillClearing
    ? 'not eligible due to a terminating pod on the nominated node.'
    : undefined
}

function isPreempted({ pod }: PodInfo): boolean {
  const condition = findCondition(pod.status.conditions, 'DisruptionTarget')
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler'
}
