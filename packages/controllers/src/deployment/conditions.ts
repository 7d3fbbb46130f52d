import { type DeploymentCondition, formatTime } from '@miniplane/api'

export const reasons = {
  available: 'MinimumReplicasAvailable',
  unavailable: 'MinimumReplicasUnavailable',
  newSetCreated: 'NewReplicaSetCreated',
  newSetFound: 'FoundNewReplicaSet',
  newSetFailed: 'ReplicaSetCreateError',
  setUpdated: 'ReplicaSetUpdated',
  newSetAvailable: 'NewReplicaSetAvailable',
  timedOut: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
} as const

type Conditions = readonly DeploymentCondition[]

export function newCondition(
  type: 'Available' | 'Progressing' | 'ReplicaFailure',
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  nowMs: number,
): DeploymentCondition {
  const now = formatTime(nowMs)
  return { type, status, reason, message, lastUpdateTime: now, lastTransitionTime: now }
}

/**
 * Nothing changes while status and reason are the same; else the condition moves to the end. The
 * time of the transition stays while the status does.
 */
export function withCondition(conditions: Conditions, condition: DeploymentCondition): Conditions {
  const old = conditions.find(({ type }) => type === condition.type)
  if (old?.status === condition.status && old.reason === condition.reason) return conditions
  const kept =
    old?.status === condition.status
      ? { ...condition, lastTransitionTime: old.lastTransitionTime ?? null }
      : condition
  return [...without(conditions, condition.type), kept]
}

export const without = (conditions: Conditions, type: string): Conditions =>
  conditions.some((each) => each.type === type)
    ? conditions.filter((each) => each.type !== type)
    : conditions
