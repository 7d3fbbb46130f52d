import {
  formatTime,
  type IntOrString,
  isPodReady,
  type metaV1,
  type Pod,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
  parseTime,
  scaledValueFromIntOrPercent,
  setCondition,
} from '@miniplane/api'
import { timing } from './limits.js'

/** How many Pods there should be, and how many of them may not be missing. */
export interface Expectation {
  readonly expected: number
  readonly desired: number
}

/** Whether only the Pods' controllers know how many there should be. */
export const needsScale = ({ spec }: PodDisruptionBudget): boolean =>
  spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string'

/** `scale`: what the Pods' controllers want in sum, for budgets that need to know. */
export function expectationOf(
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
  scale: number,
): Expectation {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable !== undefined) {
    return { expected: scale, desired: Math.max(scale - share(maxUnavailable, scale), 0) }
  }
  if (minAvailable === undefined) return { expected: 0, desired: 0 }
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable }
  return { expected: scale, desired: share(minAvailable, scale) }
}

const share = (value: IntOrString, total: number): number =>
  scaledValueFromIntOrPercent(value, total, true)

/** Evictions that were granted, and whose Pods are not gone yet. */
export interface Disrupted {
  readonly pods: Readonly<Record<string, string>>
  /** Granted long ago, and still there: their eviction has failed. */
  readonly overdue: readonly Pod[]
  /** When the next one becomes overdue. */
  readonly recheckInMs: number | undefined
}

export function disruptedPods(
  { status }: PodDisruptionBudget,
  pods: readonly Pod[],
  nowMs: number,
): Disrupted {
  const still: Record<string, string> = {}
  const overdue: Pod[] = []
  let recheckInMs: number | undefined
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata
    const granted = status.disruptedPods?.[name]
    if (granted === undefined || deletionTimestamp !== undefined) continue
    const leftMs = parseTime(granted) + timing.deletionMs - nowMs
    if (leftMs < 0) overdue.push(pod)
    else {
      still[name] = granted
      recheckInMs = Math.min(leftMs + 1, recheckInMs ?? leftMs + 1)
    }
  }
  return { pods: still, overdue, recheckInMs }
}

/** The status that follows. Evictions read `disruptionsAllowed` and count it down themselves. */
export function budgetStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  { expected, desired }: Expectation,
  disrupted: Disrupted,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const healthy = pods.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      disrupted.pods[pod.metadata.name ?? ''] === undefined &&
      isPodReady(pod),
  ).length
  const allowed = expected <= 0 ? 0 : Math.max(healthy - desired, 0)
  return {
    observedGeneration: budget.metadata.generation ?? 0,
    ...(Object.keys(disrupted.pods).length > 0 ? { disruptedPods: { ...disrupted.pods } } : {}),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withAllowed(budget, allowed, nowMs),
  }
}

/** When nobody can say how many Pods there should be, none may be evicted. */
export function failedStatus(
  { status }: PodDisruptionBudget,
  problem: string,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const { observedGeneration = 0 } = status
  const condition = {
    type: CONDITION,
    status: 'False',
    observedGeneration,
    reason: 'SyncFailed',
    message: problem,
    lastTransitionTime: formatTime(nowMs),
  }
  const conditions = setCondition(status.conditions, condition, nowMs)
  return { ...status, disruptionsAllowed: 0, conditions }
}

const CONDITION = 'DisruptionAllowed'

function withAllowed(
  { metadata, status }: PodDisruptionBudget,
  allowed: number,
  nowMs: number,
): metaV1.Condition[] {
  const conditions = status.conditions ?? []
  const old = conditions.find(({ type }) => type === CONDITION)
  const value = allowed > 0 ? 'True' : 'False'
  const condition = {
    type: CONDITION,
    status: value,
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime: old?.status === value ? old.lastTransitionTime : formatTime(nowMs),
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  }
  return old
    ? conditions.map((each) => (each === old ? condition : each))
    : [...conditions, condition]
}
