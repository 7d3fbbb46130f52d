import { labelSelectorFrom, type PodDisruptionBudget } from '@miniplane/api'
import type { PodInfo } from '../snapshot/pod-info.js'

/**
 * Splits Pods, in their order, into those whose eviction would break a disruption budget and those
 * that can go. Each Pod that can go uses up its budgets.
 */
export function splitByBudgets(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): { violating: PodInfo[]; permitted: PodInfo[] } {
  const left = budgets.map((budget) => ({
    allowed: budget.status.disruptionsAllowed ?? 0,
    covers: coverOf(budget),
  }))
  const violating: PodInfo[] = []
  const permitted: PodInfo[] = []
  for (const pod of pods) {
    const concerned = left.filter(({ covers }) => covers(pod))
    for (const budget of concerned) budget.allowed--
    const breaks = concerned.some(({ allowed }) => allowed < 0)
    if (breaks) violating.push(pod)
    else permitted.push(pod)
  }
  return { violating, permitted }
}

function coverOf(budget: PodDisruptionBudget): (pod: PodInfo) => boolean {
  const { selector } = budget.spec
  // A budget with an empty selector covers nothing here: so the real scheduler has it.
  const isEmpty = !selector?.matchExpressions?.length && !hasKeys(selector?.matchLabels)
  if (!selector || isEmpty) return () => false
  const matcher = labelSelectorFrom(selector)
  const disrupted = budget.status.disruptedPods ?? {}
  return ({ pod }) =>
    pod.metadata.namespace === budget.metadata.namespace &&
    pod.metadata.labels !== undefined &&
    matcher.matches(pod.metadata.labels) &&
    // Its eviction is under way already and has been counted.
    disrupted[pod.metadata.name ?? ''] === undefined
}

const hasKeys = (map: object | undefined) => map !== undefined && Object.keys(map).length > 0
