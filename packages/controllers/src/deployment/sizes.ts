import {
  type Deployment,
  type IntOrString,
  type ReplicaSet,
  scaledValueFromIntOrPercent,
} from '@miniplane/api'

export const wantedReplicas = ({ spec }: Pick<Deployment, 'spec'>): number => spec.replicas ?? 1

export const sizeOf = ({ spec }: ReplicaSet): number => spec.replicas ?? 1

export const availableOf = ({ status }: ReplicaSet): number => status.availableReplicas ?? 0

export const isRolling = ({ spec }: Pick<Deployment, 'spec'>): boolean =>
  spec.strategy.type === 'RollingUpdate'

export const sumOf = <T>(list: readonly T[], value: (item: T) => number): number =>
  list.reduce((sum, item) => sum + value(item), 0)

export const totalSize = (replicaSets: readonly ReplicaSet[]): number => sumOf(replicaSets, sizeOf)

/**
 * How many Pods may be too many (percentages round up) and too few (down). Both 0 would never
 * move, so then one may be missing.
 */
export function fenceposts(
  surge: IntOrString | undefined,
  unavailable: IntOrString | undefined,
  replicas: number,
): { maxSurge: number; maxUnavailable: number } {
  const maxSurge = scaledValueFromIntOrPercent(surge ?? 0, replicas, true)
  const maxUnavailable = scaledValueFromIntOrPercent(unavailable ?? 0, replicas, false)
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge, maxUnavailable: 1 }
  return { maxSurge, maxUnavailable }
}

const resolved = ({ spec }: Pick<Deployment, 'spec'>) =>
  fenceposts(
    spec.strategy.rollingUpdate?.maxSurge,
    spec.strategy.rollingUpdate?.maxUnavailable,
    spec.replicas ?? 1,
  )

/** 0 unless rolling. */
export const maxSurge = (deployment: Pick<Deployment, 'spec'>): number =>
  isRolling(deployment) ? resolved(deployment).maxSurge : 0

/** 0 unless rolling; at most all. */
export function maxUnavailable(deployment: Pick<Deployment, 'spec'>): number {
  const replicas = wantedReplicas(deployment)
  if (!isRolling(deployment) || replicas === 0) return 0
  return Math.min(resolved(deployment).maxUnavailable, replicas)
}
