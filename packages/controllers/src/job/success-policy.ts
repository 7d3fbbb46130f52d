import type { Job, SuccessPolicyRule } from '@miniplane/api'
import { parseIndexSet } from './index-set.js'

/** Why the Job counts as done before all of its indexes are; undefined when it does not. */
export function judgeSuccess({ spec }: Job, succeeded: ReadonlySet<number>): string | undefined {
  if (succeeded.size === 0) return undefined
  const met = spec.successPolicy?.rules.findIndex((rule) => isMet(rule, succeeded)) ?? -1
  return met < 0 ? undefined : `Matched rules at index ${met}`
}

function isMet(rule: SuccessPolicyRule, succeeded: ReadonlySet<number>): boolean {
  const { succeededIndexes, succeededCount } = rule
  if (succeededIndexes === undefined) {
    return succeededCount !== undefined && succeeded.size >= succeededCount
  }
  const required = parseIndexSet(succeededIndexes)
  const met = [...required].filter((index) => succeeded.has(index)).length
  if (required.size === 0) return false
  return met === required.size || (succeededCount !== undefined && met >= succeededCount)
}
