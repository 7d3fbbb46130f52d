import type { Taint, Toleration } from '@miniplane/api'
import type { PodInfo } from '../snapshot/pod-info.js'

/** An empty effect tolerates every effect, and `Exists` without a key every taint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  if (toleration.operator && toleration.operator !== 'Equal') return false
  return (toleration.value ?? '') === (taint.value ?? '')
}

export const isTolerated = ({ pod }: PodInfo, taint: Taint): boolean =>
  (pod.spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint))

/** The first taint that keeps the Pod off a node. */
export const untoleratedTaint = (
  pod: PodInfo,
  taints: readonly Taint[] | undefined,
): Taint | undefined =>
  taints?.find(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !isTolerated(pod, taint),
  )
