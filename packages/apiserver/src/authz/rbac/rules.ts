import { type AccessAttributes, combinedResource } from '../authorizer.js'

/** A `PolicyRule` that nobody writes to. */
export interface Rule {
  readonly verbs?: List
  readonly apiGroups?: List
  readonly resources?: List
  readonly resourceNames?: List
  readonly nonResourceURLs?: List
}

type List = readonly string[] | null | undefined

/** Whether one of `rules` allows the access. Source: RBAC's reference, "Referring to resources". */
export function rulesAllow(
  rules: readonly Rule[],
  access: AccessAttributes,
  resource = combinedResource(access),
): boolean {
  for (const rule of rules) if (ruleAllows(rule, access, resource)) return true
  return false
}

function ruleAllows(rule: Rule, access: AccessAttributes, resource: string): boolean {
  if (!includesOrAny(rule.verbs, access.verb)) return false
  if (!access.isResource) return urlMatches(rule.nonResourceURLs, access.path)
  return (
    includesOrAny(rule.apiGroups, access.group) &&
    resourceMatches(rule.resources, resource, access.subresource) &&
    nameMatches(rule.resourceNames, access.name)
  )
}

function includesOrAny(list: List, wanted: string): boolean {
  if (!list) return false
  for (const one of list) if (one === wanted || one === '*') return true
  return false
}

/** `pods`, `pods/log`, `*` for all with their subresources, and `*\/scale` for that of all. */
function resourceMatches(list: List, resource: string, subresource: string): boolean {
  if (!list) return false
  for (const one of list) {
    if (one === resource || one === '*') return true
    if (subresource && isOfAll(one, subresource)) return true
  }
  return false
}

const isOfAll = (one: string, subresource: string): boolean =>
  one.length === subresource.length + 2 && one.startsWith('*/') && one.endsWith(subresource)

/** Without names all objects are meant, and requests that name none. */
const nameMatches = (names: List, name: string): boolean =>
  !names || names.length === 0 || names.includes(name)

/** A star stands at the end or nowhere. */
function urlMatches(urls: List, path: string): boolean {
  if (!urls) return false
  for (const url of urls) {
    if (url === path || url === '*') return true
    if (url.endsWith('*') && path.startsWith(withoutStars(url))) return true
  }
  return false
}

const withoutStars = (url: string): string => url.replace(/\*+$/, '')

/**
 * The parts of `wanted` that `held` does not contain, none when all of it does. Each part is one
 * verb on one resource (of one name), or on one path.
 */
export function missingRights(held: readonly Rule[], wanted: readonly Rule[]): Rule[] {
  return wanted
    .flatMap((rule) => [...parts(rule)])
    .filter((part) => !held.some((rule) => covers(rule, part)))
}

function* parts(rule: Rule): Generator<Rule> {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule
  for (const group of apiGroups ?? [])
    for (const resource of resources ?? [])
      for (const verb of verbs ?? []) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (!resourceNames?.length) yield part
        else for (const name of resourceNames) yield { ...part, resourceNames: [name] }
      }
  for (const url of nonResourceURLs ?? [])
    for (const verb of verbs ?? []) yield { nonResourceURLs: [url], verbs: [verb] }
}

const covers = (rule: Rule, part: Rule): boolean =>
  containsAll(rule.verbs, part.verbs) &&
  containsAll(rule.apiGroups, part.apiGroups) &&
  (part.resources ?? []).every((one) => resourceCovers(rule.resources, one)) &&
  (part.nonResourceURLs ?? []).every((one) => urlMatches(rule.nonResourceURLs, one)) &&
  (!rule.resourceNames?.length ||
    (!!part.resourceNames?.length &&
      part.resourceNames.every((name) => rule.resourceNames?.includes(name))))

const containsAll = (list: List, wanted: List): boolean =>
  (wanted ?? []).every((one) => includesOrAny(list, one))

function resourceCovers(list: List, resource: string): boolean {
  const slash = resource.indexOf('/')
  return resourceMatches(list, resource, slash < 0 ? '' : resource.slice(slash + 1))
}
