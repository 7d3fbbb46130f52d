import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isDns1035Label,
  isDns1123Subdomain,
  type MatchResources,
  type NamedRuleWithOperations,
  notSupported,
  type ParamKind,
  required,
} from '@miniplane/api'
import { validateLabelSelector } from '../validation/label-selector.js'
import { pathSegmentName } from '../validation/names.js'
import { oneOf } from '../validation/object-meta.js'
import { validateRule } from './rules.js'

const MUTABLE = ['*', 'CONNECT', 'CREATE', 'UPDATE']

/** Which requests a policy, or one of its bindings, is about. */
export function setMatchDefaults(match: MatchResources | undefined): void {
  if (!match) return
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  match.matchPolicy ??= 'Equivalent'
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])])
    rule.scope ??= '*'
}

export function validateMatchResources(
  match: MatchResources,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const field of ['namespaceSelector', 'objectSelector'] as const)
    validateLabelSelector(match[field], path.child(field), errors)
  for (const field of ['resourceRules', 'excludeResourceRules'] as const)
    for (const [i, rule] of (match[field] ?? []).entries())
      validateNamedRule(rule, path.child(field).index(i), errors)
  if (match.matchPolicy !== undefined)
    oneOf(match.matchPolicy, ['Equivalent', 'Exact'], path.child('matchPolicy'), errors)
}

function validateNamedRule(
  rule: NamedRuleWithOperations,
  path: FieldPath,
  errors: FieldError[],
): void {
  const names = rule.resourceNames ?? []
  for (const [i, name] of names.entries()) {
    const at = path.child('resourceNames').index(i)
    for (const fault of pathSegmentName(name, false)) errors.push(invalidValue(at, name, fault))
    if (names.indexOf(name) < i) errors.push(duplicate(at, name))
  }
  validateRule(rule, path, errors)
}

/** What the operations leave nothing of cannot be mutated; said once of all rules. */
export function validateMutableOperations(
  match: MatchResources | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const { operations } of match?.resourceRules ?? [])
    for (const operation of operations ?? [])
      if (!MUTABLE.includes(operation))
        errors.push(notSupported(path.child('resourceRules', 'operations'), operation, MUTABLE))
}

/** What kind of object a policy takes its parameters from. */
export function validateParamKind(
  { apiVersion = '', kind = '' }: ParamKind,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('apiVersion')
  const [version = '', group, ...rest] = apiVersion.split('/').reverse()
  if (apiVersion === '') errors.push(required(at, ''))
  else if (rest.length > 0) {
    errors.push(invalidValue(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  } else {
    const faults = group ? isDns1123Subdomain(group) : []
    for (const fault of [...faults, ...isDns1035Label(version)])
      errors.push(invalidValue(at, apiVersion, fault))
  }
  if (kind === '') errors.push(required(path.child('kind'), ''))
  else
    for (const fault of isDns1035Label(kind.toLowerCase())) {
      const detail = `may have mixed case, but should otherwise match: ${fault}`
      errors.push(invalidValue(path.child('kind'), kind, detail))
    }
}
