import {
  type ClusterRole,
  type FieldError,
  FieldPath,
  invalidValue,
  type PolicyRule,
  type Role,
  required,
} from '@miniplane/api'
import { defineStrategy } from '../strategy.js'
import { validateLabelSelector } from '../validation/label-selector.js'
import { pathSegmentName } from '../validation/names.js'

export const roles = defineStrategy<Role>({
  validateName: pathSegmentName,
  validate: ({ rules }) => validateRules(rules, true),
  validateUpdate: ({ rules }) => validateRules(rules, true),
  allowCreateOnUpdate: true,
})

export const clusterRoles = defineStrategy<ClusterRole>({
  validateName: pathSegmentName,
  validate: validateClusterRole,
  validateUpdate: (draft) => validateClusterRole(draft),
  allowCreateOnUpdate: true,
})

function validateClusterRole({ rules, aggregationRule }: ClusterRole): FieldError[] {
  const errors = validateRules(rules, false)
  if (!aggregationRule) return errors
  const path = FieldPath.of('aggregationRule', 'clusterRoleSelectors')
  const selectors = aggregationRule.clusterRoleSelectors ?? []
  if (selectors.length === 0) {
    const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
    errors.push(required(path, detail))
  }
  for (const [i, selector] of selectors.entries()) {
    const before = errors.length
    validateLabelSelector(selector, path.index(i), errors)
    if (errors.length === before) continue
    errors.push(invalidValue(path.index(i), null, 'invalid label selector.'))
  }
  return errors
}

function validateRules(rules: Role['rules'], namespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, rule] of (rules ?? []).entries()) {
    validateRule(rule, namespaced, FieldPath.of('rules').index(i), errors)
  }
  return errors
}

function validateRule(
  { verbs, apiGroups, resources, nonResourceURLs }: PolicyRule,
  namespaced: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!verbs?.length)
    errors.push(required(path.child('verbs'), 'verbs must contain at least one value'))
  if (nonResourceURLs?.length) {
    const at = path.child('nonResourceURLs')
    if (namespaced) {
      const detail = 'namespaced rules cannot apply to non-resource URLs'
      errors.push(invalidValue(at, nonResourceURLs, detail))
    }
    if (apiGroups?.length || resources?.length) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs'
      errors.push(invalidValue(at, nonResourceURLs, detail))
    }
    return
  }
  if (!apiGroups?.length) {
    const detail = 'resource rules must supply at least one api group'
    errors.push(required(path.child('apiGroups'), detail))
  }
  if (!resources?.length) {
    const detail = 'resource rules must supply at least one resource'
    errors.push(required(path.child('resources'), detail))
  }
}
