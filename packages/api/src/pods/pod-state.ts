import type { Pod, PodCondition } from '../generated/types/index.js'
import { findCondition, isConditionTrue } from '../machinery/conditions.js'
import { parseTime } from '../machinery/time.js'

/** Succeeded or Failed: its containers have ended and none comes back. */
export function isPodTerminal({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

/** Neither ended nor being deleted: what controllers count as a replica. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined
}

export function podReadyCondition(pod: Pod): PodCondition | undefined {
  return findCondition<PodCondition>(pod.status.conditions, 'Ready')
}

export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod.status.conditions, 'Ready')
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const since = podReadySinceMs(pod)
  if (since === undefined) return isPodReady(pod) && minReadySeconds === 0
  return since + minReadySeconds * 1000 <= nowMs || minReadySeconds === 0
}

/** When the Pod became ready; undefined when it is not, or does not say. */
export function podReadySinceMs(pod: Pod): number | undefined {
  const ready = podReadyCondition(pod)
  if (ready?.status !== 'True' || !ready.lastTransitionTime) return undefined
  return parseTime(ready.lastTransitionTime)
}
