import { type Job, type Pod, parseTime } from '@miniplane/api'

/** How a Pod ended, as its Job sees it; undefined while it may still come to an end of its own. */
export function endOf(pod: Pod, job: Job): 'succeeded' | 'failed' | undefined {
  const { phase } = pod.status
  if (phase === 'Succeeded') return 'succeeded'
  if (phase === 'Failed') return 'failed'
  return isGivenUp(pod, job) ? 'failed' : undefined
}

/**
 * A Pod that is being deleted counts as failed, unless the Job waits for how it really ends: then
 * only one that never ran, or that nobody will report on any more.
 */
function isGivenUp({ metadata, status }: Pod, job: Job): boolean {
  if (metadata.deletionTimestamp === undefined) return false
  if (!waitsForFailedPods(job)) return true
  return (status.phase ?? 'Pending') === 'Pending' || metadata.deletionGracePeriodSeconds === 0
}

/** Whether a Pod is replaced when it has ended, and not as soon as it is being deleted. */
export const waitsForFailedPods = ({ spec }: Job): boolean =>
  spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined

/** When the last container ended; else when the Pod was deleted, or made. */
export function endTimeMs({ status, metadata }: Pod): number {
  let latest = 0
  for (const { state } of status.containerStatuses ?? []) {
    const at = state.terminated?.finishedAt
    if (at) latest = Math.max(latest, parseTime(at))
  }
  if (latest > 0) return latest
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = metadata
  // It is the time at which the grace period ends.
  if (deletionTimestamp)
    return parseTime(deletionTimestamp) - Number(deletionGracePeriodSeconds) * 1000
  return creationTimestamp ? parseTime(creationTimestamp) : 0
}

/** Times of the failures since the last success, oldest first. */
export function failuresSinceSuccess(job: Job, pods: readonly Pod[]): number[] {
  let lastSuccessMs = 0
  const failures: number[] = []
  for (const pod of pods) {
    const end = endOf(pod, job)
    if (end === 'succeeded') lastSuccessMs = Math.max(lastSuccessMs, endTimeMs(pod))
    else if (end === 'failed') failures.push(endTimeMs(pod))
  }
  return failures.filter((timeMs) => timeMs > lastSuccessMs).sort((a, b) => a - b)
}
