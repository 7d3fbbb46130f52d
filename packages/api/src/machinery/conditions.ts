import { formatTime } from './time.js'

/** What the condition types of all kinds have in common. */
export interface ConditionLike {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string | null
}

export function findCondition<T extends ConditionLike>(
  conditions: readonly T[] | null | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function isConditionTrue(
  conditions: readonly ConditionLike[] | null | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/**
 * The list with `condition` in the place of the one of its type, or at the end. The time of the
 * last transition is `nowMs` when the status is a new one, and otherwise stays. Changes nothing.
 */
export function setCondition<T extends ConditionLike>(
  conditions: readonly T[] | null | undefined,
  condition: T,
  nowMs: number,
): T[] {
  const old = findCondition(conditions, condition.type)
  const lastTransitionTime =
    old && old.status === condition.status && old.lastTransitionTime
      ? old.lastTransitionTime
      : formatTime(nowMs)
  const updated = { ...condition, lastTransitionTime }
  if (!old) return [...(conditions ?? []), updated]
  return (conditions ?? []).map((each) => (each === old ? updated : each))
}

/** The list without the condition of that type. Changes nothing. */
export function withoutCondition<T extends ConditionLike>(
  conditions: readonly T[] | null | undefined,
  type: string,
): T[] {
  return (conditions ?? []).filter((condition) => condition.type !== type)
}
