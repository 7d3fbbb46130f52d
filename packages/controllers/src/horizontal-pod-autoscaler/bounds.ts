import type { HorizontalPodAutoscaler } from '@miniplane/api'

/** A size that needs no metrics to be wrong. */
export interface Rescale {
  readonly to: number
  readonly reason: string
}

/** What the bounds alone demand of the present size. */
export function rescaleToBounds(
  { spec }: HorizontalPodAutoscaler,
  current: number,
): Rescale | undefined {
  const min = spec.minReplicas ?? 1
  if (current > spec.maxReplicas) {
    const reason = 'Current number of replicas above Spec.MaxReplicas'
    return { to: spec.maxReplicas, reason }
  }
  if (current < min) {
    return { to: min, reason: 'Current number of replicas below Spec.MinReplicas' }
  }
  return undefined
}

/** Size 0 switches autoscaling off, unless the autoscaler itself may go there. */
export const isSwitchedOff = ({ spec }: HorizontalPodAutoscaler, current: number): boolean =>
  current === 0 && (spec.minReplicas ?? 1) !== 0
