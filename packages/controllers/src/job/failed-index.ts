import type { Job, Pod } from '@miniplane/api'
import { judgeFailure } from './failure-policy.js'
import { endOf } from './pod-end.js'
import { indexOf } from './pod-marks.js'

/** How often Pods of an index failed before this one, as their replacements pass it on. */
export interface FailureCounts {
  readonly counted: number
  /** Failures that the failure policy tells to ignore; they count for the back-off only. */
  readonly ignored: number
}

const COUNTED = 'batch.kubernetes.io/job-index-failure-count'
const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count'

export const hasLimitPerIndex = ({ spec }: Job): boolean => spec.backoffLimitPerIndex !== undefined

export function countsOf({ metadata }: Pod): FailureCounts {
  const read = (name: string) => Number(/^\d+$/.exec(metadata.annotations?.[name] ?? '')?.[0] ?? 0)
  return { counted: read(COUNTED), ignored: read(IGNORED) }
}

/** What the replacement of a failed Pod carries; the first Pod of an index: nothing yet. */
export function countsAfter(job: Job, failed: Pod | undefined): FailureCounts {
  if (!failed) return { counted: 0, ignored: 0 }
  const { counted, ignored } = countsOf(failed)
  return judgeFailure(job, failed).action === 'Ignore'
    ? { counted, ignored: ignored + 1 }
    : { counted: counted + 1, ignored }
}

export const countAnnotations = ({ counted, ignored }: FailureCounts): Record<string, string> => ({
  [COUNTED]: String(counted),
  ...(ignored > 0 && { [IGNORED]: String(ignored) }),
})

/** Whether no other Pod is tried for the index of this one. */
export function failsIndex(job: Job, pod: Pod): boolean {
  if (endOf(pod, job) !== 'failed') return false
  const { action } = judgeFailure(job, pod)
  if (action === 'FailIndex') return true
  return action !== 'Ignore' && countsOf(pod).counted >= (job.spec.backoffLimitPerIndex ?? 0)
}

/**
 * Failed Pods, by index, that have to stay until there is a replacement: they know how often the
 * index has failed.
 */
export function lastFailures(
  job: Job,
  pods: readonly Pod[],
  isOver: (index: number) => boolean,
): Map<number, Pod> {
  const last = new Map<number, Pod>()
  for (const pod of pods) {
    const index = indexOf(pod)
    if (index === undefined || isOver(index) || endOf(pod, job) !== 'failed') continue
    const known = last.get(index)
    if (known === undefined || triesOf(known) <= triesOf(pod)) last.set(index, pod)
  }
  return last
}

/** Pods of the index before this one. */
export function triesOf(pod: Pod): number {
  const { counted, ignored } = countsOf(pod)
  return counted + ignored
}
