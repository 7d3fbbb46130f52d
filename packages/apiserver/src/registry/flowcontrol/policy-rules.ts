import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDns1123Label,
  type NonResourcePolicyRule,
  notSupported,
  type ResourcePolicyRule,
  required,
} from '@miniplane/api'

const VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'proxy',
  'update',
  'watch',
]

const NAMESPACE_FORM = "each member of this list must be '*' or a DNS-1123 label; "

/** Which requests for resources a rule matches. */
export function validateResourceRule(
  rule: ResourcePolicyRule,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { verbs, apiGroups, resources, clusterScope } = rule
  const namespaces = rule.namespaces ?? []
  validateVerbs(verbs, path.child('verbs'), errors)
  const supply = (what: string) => `resource rules must supply at least one ${what}`
  wildcardAlone(apiGroups, 'api groups', supply('api group'), path.child('apiGroups'), errors)
  wildcardAlone(resources, 'resources', supply('resource'), path.child('resources'), errors)
  if (namespaces.length === 0 && clusterScope) return
  const missing = 'resource rules that are not cluster scoped must supply at least one namespace'
  const at = path.child('namespaces')
  if (wildcardAlone(namespaces, 'namespaces', missing, at, errors)) return
  for (const [i, namespace] of namespaces.entries())
    for (const fault of isDns1123Label(namespace))
      errors.push(invalidValue(at.index(i), namespace, `${NAMESPACE_FORM}${fault}`))
}

/** Which requests for other paths a rule matches. */
export function validateNonResourceRule(
  { verbs, nonResourceURLs }: NonResourcePolicyRule,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateVerbs(verbs, path.child('verbs'), errors)
  const at = path.child('nonResourceURLs')
  const missing = 'nonResourceURLs must contain at least one value'
  if (wildcardAlone(nonResourceURLs, 'non-resource URLs', missing, at, errors)) return
  for (const [i, url] of (nonResourceURLs ?? []).entries()) {
    const fault = urlFault(url)
    if (fault) errors.push(invalidValue(at.index(i), url, fault))
  }
}

function validateVerbs(
  verbs: readonly string[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (wildcardAlone(verbs, 'verbs', 'verbs must contain at least one value', path, errors)) return
  if (verbs?.some((verb) => !VERBS.includes(verb))) errors.push(notSupported(path, verbs, VERBS))
}

/** `*` says it all and stands alone. True when there is one, so that nothing else is to check. */
function wildcardAlone(
  values: readonly string[] | undefined,
  what: string,
  missing: string,
  path: FieldPath,
  errors: FieldError[],
): boolean {
  if (!values?.length) errors.push(required(path, missing))
  if (!values?.includes('*')) return false
  if (values.length > 1) {
    const detail = `if '*' is present, must not specify other ${what}`
    errors.push(invalidValue(path, values, detail))
  }
  return true
}

function urlFault(url: string): string | undefined {
  if (url === '') return 'must not be empty'
  if (url === '/') return undefined
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  const first = url.indexOf('*')
  const isSuffix = first === url.length - 1 && url.endsWith('/*')
  return first < 0 || isSuffix ? undefined : 'wildcard can only do suffix matching'
}
