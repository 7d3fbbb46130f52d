import type { Job, Pod } from '@miniplane/api'

/** Holds an ended Pod until it is counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking'
/** Label and annotation. */
export const INDEX = 'batch.kubernetes.io/job-completion-index'

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed'

/** Undefined for Pods of a Job without indexes. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Whether what becomes of the Pod is of interest to its Job. */
export function hasValidIndex(job: Job, pod: Pod): boolean {
  if (!isIndexed(job)) return true
  const index = indexOf(pod)
  return index !== undefined && index < (job.spec.completions ?? 0)
}

export const isTracked = ({ metadata }: Pod): boolean =>
  metadata.finalizers?.includes(TRACKING) ?? false
