import {
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  findCondition,
  parseTime,
  type ReplicaSet,
  type ReplicaSetCondition,
} from '@miniplane/api'
import { newCondition, reasons, withCondition, without } from './conditions.js'
import { availableOf, maxUnavailable, sumOf, totalSize, wantedReplicas } from './sizes.js'

/** A Deployment and its ReplicaSets as they are now. */
export interface Rollout {
  readonly deployment: Deployment
  /** The one for the current template. */
  readonly newSet: ReplicaSet | undefined
  /** All others. */
  readonly old: readonly ReplicaSet[]
}

const HAS_MINIMUM = 'Deployment has minimum availability.'
const LACKS_MINIMUM = 'Deployment does not have minimum availability.'
const NO_DEADLINE = 2 ** 31 - 1

/** Whether a rollout that does not move is to be called failed after some time. */
export const hasProgressDeadline = ({ spec }: Pick<Deployment, 'spec'>): boolean =>
  spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE

const allOf = ({ newSet, old }: Rollout): readonly ReplicaSet[] => (newSet ? [...old, newSet] : old)

/** Counts and availability; the progress of the rollout stays as it was. */
export function countStatus(rollout: Rollout, nowMs: number): DeploymentStatus {
  const { deployment, newSet } = rollout
  const all = allOf(rollout)
  const available = sumOf(all, availableOf)
  const isAvailable = available >= wantedReplicas(deployment) - maxUnavailable(deployment)
  const condition = isAvailable
    ? newCondition('Available', 'True', reasons.available, HAS_MINIMUM, nowMs)
    : newCondition('Available', 'False', reasons.unavailable, LACKS_MINIMUM, nowMs)
  const { collisionCount, conditions = [] } = deployment.status
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sumOf(all, ({ status }) => status.replicas),
    updatedReplicas: newSet?.status.replicas ?? 0,
    readyReplicas: sumOf(all, ({ status }) => status.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(totalSize(all) - available, 0),
    ...terminatingOf(all),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: [...withCondition(conditions, condition)],
  }
}

/** Unknown while one of the ReplicaSets does not say. */
function terminatingOf(all: readonly ReplicaSet[]): { terminatingReplicas?: number } {
  if (all.some(({ status }) => status.terminatingReplicas === undefined)) return {}
  return { terminatingReplicas: sumOf(all, ({ status }) => status.terminatingReplicas ?? 0) }
}

/** The status during a rollout: counts, availability, progress, and failures to create Pods. */
export function rolloutStatus(rollout: Rollout, nowMs: number): DeploymentStatus {
  const { deployment } = rollout
  const status = countStatus(rollout, nowMs)
  let conditions: readonly DeploymentCondition[] = status.conditions ?? []
  if (!hasProgressDeadline(deployment)) conditions = without(conditions, 'Progressing')
  else if (!wasComplete(deployment, status)) {
    conditions = withProgress(rollout, status, conditions, nowMs)
  }
  const failure = failureOf(rollout)
  conditions = failure ? withCondition(conditions, failure) : without(conditions, 'ReplicaFailure')
  return { ...status, conditions: [...conditions] }
}

/** A finished rollout is not judged again: a Pod that restarts later is no failed rollout. */
function wasComplete({ status }: Deployment, { replicas, updatedReplicas }: DeploymentStatus) {
  const progressing = findCondition(status.conditions, 'Progressing')
  return replicas === updatedReplicas && progressing?.reason === reasons.newSetAvailable
}

function withProgress(
  { deployment, newSet }: Rollout,
  status: DeploymentStatus,
  conditions: readonly DeploymentCondition[],
  nowMs: number,
): readonly DeploymentCondition[] {
  const subject = newSet
    ? `ReplicaSet "${newSet.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`
  const progressing = (value: 'True' | 'False', reason: string, what: string) =>
    newCondition('Progressing', value, reason, `${subject} ${what}`, nowMs)

  if (isComplete(deployment, status)) {
    const done = progressing('True', reasons.newSetAvailable, 'has successfully progressed.')
    return withCondition(conditions, done)
  }
  if (hasProgressed(deployment.status, status)) {
    const moved = progressing('True', reasons.setUpdated, 'is progressing.')
    const old = findCondition(conditions, 'Progressing')
    // Written anew even with the same reason: its update time is what the deadline counts from.
    return withCondition(without(conditions, 'Progressing'), {
      ...moved,
      ...(old?.status === 'True' ? { lastTransitionTime: old.lastTransitionTime ?? null } : {}),
    })
  }
  if (isTimedOut(deployment, conditions, nowMs)) {
    return withCondition(
      conditions,
      progressing('False', reasons.timedOut, 'has timed out progressing.'),
    )
  }
  return conditions
}

/** Every replica is new, available, and nothing old is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment)
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

function hasProgressed(old: DeploymentStatus, status: DeploymentStatus): boolean {
  const count = (value: number | undefined) => value ?? 0
  const outdated = (s: DeploymentStatus) => count(s.replicas) - count(s.updatedReplicas)
  return (
    count(status.updatedReplicas) > count(old.updatedReplicas) ||
    outdated(status) < outdated(old) ||
    count(status.readyReplicas) > count(old.readyReplicas) ||
    count(status.availableReplicas) > count(old.availableReplicas)
  )
}

function isTimedOut(
  deployment: Deployment,
  conditions: readonly DeploymentCondition[],
  nowMs: number,
): boolean {
  const progressing = findCondition(conditions, 'Progressing')
  if (progressing === undefined || progressing.reason === reasons.newSetAvailable) return false
  if (progressing.reason === reasons.timedOut) return true
  return deadlineMs(deployment, progressing) < nowMs
}

/** When the rollout has to have moved again. */
function deadlineMs({ spec }: Deployment, { lastUpdateTime }: DeploymentCondition): number {
  const from = lastUpdateTime ? parseTime(lastUpdateTime) : 0
  return from + (spec.progressDeadlineSeconds ?? 0) * 1000
}

/** When to look again whether a rollout is stuck; undefined when that can't happen any more. */
export function recheckInMs(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | undefined {
  const progressing = findCondition(status.conditions, 'Progressing')
  if (!hasProgressDeadline(deployment) || progressing === undefined) return undefined
  if (isComplete(deployment, status) || progressing.reason === reasons.timedOut) return undefined
  // The deadline must have passed, not just been reached.
  return Math.max(deadlineMs(deployment, progressing) - nowMs, 0) + 1
}

/** The new ReplicaSet's own failure says most; any other one's will do. */
function failureOf(rollout: Rollout): DeploymentCondition | undefined {
  const candidates = [...(rollout.newSet ? [rollout.newSet] : []), ...allOf(rollout)]
  for (const { status } of candidates) {
    const failure = findCondition<ReplicaSetCondition>(status.conditions, 'ReplicaFailure')
    if (failure) return { ...failure, lastUpdateTime: failure.lastTransitionTime ?? null }
  }
  return undefined
}
