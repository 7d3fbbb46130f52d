import type { FieldPath, JobSpec } from '@miniplane/api'
import { podWarnings } from '../validation/pod-warnings.js'

const COMPLETIONS_MANY = 100_000
const PARALLELISM_MANY = 10_000
const TOO_LARGE =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'

export function jobWarnings(spec: JobSpec, path: FieldPath): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec
  const isLarge =
    completionMode === 'Indexed' && completions > COMPLETIONS_MANY && parallelism > PARALLELISM_MANY
  return [...(isLarge ? [TOO_LARGE] : []), ...podWarnings(template, path.child('template'))]
}
