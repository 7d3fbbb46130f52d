import { goQuote } from '@miniplane/api'
import type { UserInfo } from '../../pipeline/stage.js'
import type { UserRules } from '../authorizer.js'
import { missingRights, type Rule } from './rules.js'

/** What `*` on everything is; whoever aggregates roles may come to hold it. */
export const FULL_AUTHORITY: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/**
 * Says which of `wanted` the user would give away without having it, or undefined when he has all.
 * Without this whoever may write roles could do everything.
 */
export function escalationText(
  user: UserInfo,
  { resourceRules, nonResourceRules, errors }: UserRules,
  wanted: readonly Rule[],
): string | undefined {
  const missing = missingRights([...resourceRules, ...nonResourceRules], wanted)
  if (missing.length === 0) return undefined
  const rights = [...new Set(compacted(missing).map(ruleText))].sort()
  const problems = errors.length > 0 ? `; resolution errors: [${errors.join(' ')}]` : ''
  return `user ${goQuote(user.name)} (groups=${listText(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${rights.join('\n')}${problems}`
}

/** Puts the verbs on one resource together; those on paths stand alone. */
function compacted(parts: readonly Rule[]): Rule[] {
  const byResource = new Map<string, Rule>()
  for (const part of parts) {
    const { verbs, ...what } = part
    const key = JSON.stringify(part.nonResourceURLs ? part : what)
    const known = byResource.get(key)
    byResource.set(key, { ...part, verbs: [...(known?.verbs ?? []), ...(verbs ?? [])] })
  }
  return [...byResource.values()]
}

function ruleText(rule: Rule): string {
  const fields = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const
  const shown = fields.filter(([, list]) => list && list.length > 0)
  return `{${shown.map(([name, list]) => `${name}:${listText(list ?? [])}`).join(', ')}}`
}

const listText = (list: readonly string[]): string => `[${list.map(goQuote).join(' ')}]`
