import { type FieldError, FieldPath, invalidValue } from '@miniplane/api'
import { nonNegative } from './numbers.js'

export interface CountRules {
  /** Fields that may not be negative, in the order in which they are checked. */
  readonly counts: readonly string[]
  /** The first may not be greater than the second. */
  readonly atMost?: readonly (readonly [part: string, whole: string])[]
}

/** A workload's status counts Pods: parts of the whole are not more than the whole. */
export function replicaCounts(status: object, { counts, atMost = [] }: CountRules): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('status')
  const of = (field: string) => (status as Record<string, number | undefined>)[field]
  for (const field of counts) nonNegative(of(field), path.child(field), errors)
  for (const [part, whole] of atMost) {
    const value = of(part) ?? 0
    if (value <= (of(whole) ?? 0)) continue
    const detail = `cannot be greater than ${whole === 'replicas' ? 'status.replicas' : whole}`
    errors.push(invalidValue(path.child(part), value, detail))
  }
  return errors
}
