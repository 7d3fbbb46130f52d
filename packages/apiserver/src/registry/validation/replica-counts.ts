import { type FieldError, FieldPath, invalidValue } from '@miniplane/api'
import { nonNegative } from './numbers.js'

export interface CountRules {
  /** Fields that may not be negative, in the order in which they are checked. */
  readonly counts: readonly string[]
  /** The first may not be greater than the second. */
  readonly atMost?: readonly (readonly [part: string, whole: string])[]
  /** How the kind names a whole that is not all replicas, before the field's own name. */
  readonly partOf?: string
  /** The status as stored, of kinds that count collisions: that count never falls. */
  readonly before?: object
}

/** A workload's status counts Pods: parts of the whole are not more than the whole. */
export function replicaCounts(status: object, rules: CountRules): FieldError[] {
  const { counts, atMost = [], partOf = '', before } = rules
  const errors: FieldError[] = []
  const path = FieldPath.of('status')
  const of = (field: string) => (status as Record<string, number | undefined>)[field]
  for (const field of counts) nonNegative(of(field), path.child(field), errors)
  for (const [part, whole] of atMost) {
    const value = of(part) ?? 0
    if (value <= (of(whole) ?? 0)) continue
    const detail = `cannot be greater than ${whole === 'replicas' ? 'status.' : partOf}${whole}`
    errors.push(invalidValue(path.child(part), value, detail))
  }
  const once = (before as { collisionCount?: number } | undefined)?.collisionCount
  const now = of('collisionCount') ?? 0
  if (once !== undefined && now < once) {
    errors.push(invalidValue(path.child('collisionCount'), now, 'cannot be decremented'))
  }
  return errors
}
