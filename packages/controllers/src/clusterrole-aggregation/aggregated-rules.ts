import {
  type ClusterRole,
  isEqual,
  type KubeObject,
  labelSelectorFrom,
  type PolicyRule,
} from '@miniplane/api'

type Role = ClusterRole & KubeObject

/**
 * The rules of all roles that `role` selects, each once: selector by selector, and within one in
 * the order of the roles' names. Rules that it has beside those are dropped.
 */
export function aggregatedRules(role: Role, all: Iterable<Role>): PolicyRule[] {
  const byName = [...all].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const rules: PolicyRule[] = []
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const matcher = labelSelectorFrom(selector)
    for (const other of byName) {
      if (nameOf(other) === nameOf(role)) continue
      if (!matcher.matches(other.metadata.labels ?? {})) continue
      for (const rule of other.rules ?? [])
        if (!rules.some((known) => isEqual(known, rule))) rules.push(rule)
    }
  }
  return rules
}

const nameOf = ({ metadata: { name = '' } }: KubeObject): string => name
