import {
  type FieldError,
  type FieldPath,
  invalidValue,
  notSupported,
  type RuleWithOperations,
  required,
} from '@miniplane/api'
import { oneOf } from '../validation/object-meta.js'

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']

/** Which requests a webhook or a policy wants to see. */
export function validateRule(
  rule: RuleWithOperations,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { operations = [], apiGroups, apiVersions = [], scope } = rule
  wildcardAlone(operations, 'operations', path.child('operations'), errors)
  for (const [i, operation] of operations.entries())
    if (!OPERATIONS.includes(operation))
      errors.push(notSupported(path.child('operations').index(i), operation, OPERATIONS))
  wildcardAlone(apiGroups, 'API groups', path.child('apiGroups'), errors)
  wildcardAlone(apiVersions, 'API versions', path.child('apiVersions'), errors)
  for (const [i, version] of apiVersions.entries())
    if (version === '') errors.push(required(path.child('apiVersions').index(i), ''))
  validateResources(rule.resources ?? [], path.child('resources'), errors)
  if (scope !== undefined) oneOf(scope, SCOPES, path.child('scope'), errors)
}

function wildcardAlone(
  values: readonly string[] | undefined,
  what: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!values?.length) errors.push(required(path, ''))
  else if (values.length > 1 && values.includes('*'))
    errors.push(invalidValue(path, values, `if '*' is present, must not specify other ${what}`))
}

/** `pods`, `pods/status`, `pods/*`, `*` + `/scale`, `*`: none may be part of another. */
function validateResources(
  resources: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (resources.length === 0) errors.push(required(path, ''))
  const allOf = new Set<string>()
  const ofAll = new Set<string>()
  for (const [i, one] of resources.entries()) {
    const slash = one.indexOf('/')
    if (one === '') errors.push(required(path.index(i), ''))
    if (slash < 0) continue
    const [resource, subresource] = [one.slice(0, slash), one.slice(slash + 1)]
    const covered = allOf.has(resource)
      ? `${resource}/*`
      : ofAll.has(subresource)
        ? `*/${subresource}`
        : undefined
    if (covered)
      errors.push(
        invalidValue(path.index(i), one, `if '${covered}' is present, must not specify ${one}`),
      )
    if (subresource === '*') allOf.add(resource)
    if (resource === '*') ofAll.add(subresource)
  }
  const isPlain = (one: string) => one !== '' && one !== '*' && !one.includes('/')
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(
      invalidValue(path, resources, "if '*/*' is present, must not specify other resources"),
    )
  if (resources.includes('*') && resources.some(isPlain)) {
    const detail = "if '*' is present, must not specify other resources without subresources"
    errors.push(invalidValue(path, resources, detail))
  }
}
