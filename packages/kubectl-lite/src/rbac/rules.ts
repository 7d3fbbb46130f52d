import type { PolicyRule } from '@miniplane/api'

/** Rules of one verb for one thing each, which together allow the same. */
function simpleRules(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = [], resources = [], verbs, resourceNames = [], nonResourceURLs = [] } = rule
  const names = resourceNames.length > 0 ? resourceNames.map((name) => [name]) : [undefined]
  return [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          names.map((name) => ({
            verbs: [verb],
            apiGroups: [group],
            resources: [resource],
            ...(name ? { resourceNames: name } : {}),
          })),
        ),
      ),
    ),
    ...nonResourceURLs.flatMap((url) =>
      verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })),
    ),
  ]
}

/** What `wanted` allows and `rules` don't, a thing a rule. */
export function uncovered(
  rules: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): PolicyRule[] {
  const missing = wanted
    .flatMap(simpleRules)
    .filter((simple) => !rules.some((rule) => covers(rule, simple)))
  return [...new Map(missing.map((rule) => [JSON.stringify(rule), rule])).values()]
}

function covers(rule: PolicyRule, simple: PolicyRule): boolean {
  const has = (list: readonly string[] = [], one: string | undefined) =>
    one !== undefined && (list.includes('*') || list.includes(one))
  if (!has(rule.verbs, simple.verbs[0])) return false
  const [url] = simple.nonResourceURLs ?? []
  if (url !== undefined) {
    return (rule.nonResourceURLs ?? []).some(
      (pattern) =>
        pattern === url || (pattern.endsWith('*') && url.startsWith(pattern.slice(0, -1))),
    )
  }
  const [name] = simple.resourceNames ?? []
  const names = rule.resourceNames ?? []
  return (
    has(rule.apiGroups, simple.apiGroups?.[0]) &&
    coversResource(rule.resources ?? [], simple.resources?.[0] ?? '') &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  )
}

const coversResource = (resources: readonly string[], resource: string): boolean => {
  const slash = resource.indexOf('/')
  const anyWithThis = slash < 0 ? undefined : `*${resource.slice(slash)}`
  return resources.some((one) => one === '*' || one === resource || one === anyWithThis)
}
