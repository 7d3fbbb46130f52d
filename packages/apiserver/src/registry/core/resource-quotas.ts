import {
  type FieldError,
  FieldPath,
  invalidValue,
  type ResourceQuota,
  required,
} from '@miniplane/api'
import { resourceQuotaTable } from '../columns/core.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm, list } from '../validation/go-struct.js'
import { NOT_AN_OPERATOR } from '../validation/label-selector.js'
import {
  isStandardQuotaResource,
  sortedNames,
  validateResourceName,
  validateResourceQuantity,
} from '../validation/resources.js'

const SPEC = FieldPath.of('spec')
const selectorStruct = {
  MatchExpressions: list({ ScopeName: '', Operator: '', Values: null }),
} as const
const SCOPES = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
])
const OPPOSITES = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const
const POD_COMPUTE = new Set([
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
  'pods',
])

export const resourceQuotas = defineStrategy<ResourceQuota>({
  validate: validateQuota,
  validateUpdate(draft, stored) {
    const errors = validateQuota(draft)
    const [after, before] = [new Set(draft.spec.scopes), new Set(stored.spec.scopes)]
    if (after.size !== before.size || [...after].some((scope) => !before.has(scope))) {
      errors.push(
        invalidValue(SPEC.child('scopes'), draft.spec.scopes ?? null, 'field is immutable'),
      )
    }
    return errors
  },
  table: resourceQuotaTable,
  subresources: { status: statusSubresource<ResourceQuota>({ validate: validateStatus }) },
})

function validateAmounts(
  amounts: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const name of sortedNames(amounts ?? {})) {
    const at = path.key(name)
    validateName(name, at, errors)
    validateResourceQuantity(name, amounts?.[name] ?? '0', at, errors)
  }
}

function validateName(name: string, path: FieldPath, errors: FieldError[]): void {
  validateResourceName(name, path, errors)
  if (name.includes('/') || isStandardQuotaResource(name)) return
  errors.push(invalidValue(path, name, 'must be a standard resource for quota'))
}

function validateQuota({ spec }: ResourceQuota): FieldError[] {
  const errors: FieldError[] = []
  validateAmounts(spec.hard, SPEC.child('hard'), errors)
  validateScopes(spec, errors)
  validateScopeSelector(spec, errors)
  return errors
}

function validateScopes({ scopes, hard = {} }: ResourceQuota['spec'], errors: FieldError[]): void {
  if (!scopes?.length) return
  const path = SPEC.child('scopes')
  const refuse = (detail: string) => errors.push(invalidValue(path, scopes, detail))
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) refuse('unsupported scope')
    for (const _name of unfit(scope, hard)) refuse('unsupported scope applied to resource')
  }
  for (const [one, other] of OPPOSITES) {
    if (scopes.includes(one) && scopes.includes(other)) refuse('conflicting scopes')
  }
}

/** Names of the amounts that a scope says nothing about. */
const unfit = (scope: string, hard: object): string[] =>
  Object.keys(hard).filter((name) => isStandardQuotaResource(name) && !appliesTo(scope, name))

/** Best-effort Pods can only be counted: they ask for nothing. */
function appliesTo(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods'
  if (scope === 'VolumeAttributesClass') {
    return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
  }
  return !SCOPES.has(scope) || POD_COMPUTE.has(resource)
}

const PRESENCE_ONLY = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
])

function validateScopeSelector(
  { scopeSelector, scopes, hard = {} }: ResourceQuota['spec'],
  errors: FieldError[],
): void {
  // The real server's path has no index.
  const path = SPEC.child('scopeSelector', 'matchExpressions')
  for (const { scopeName, operator, values = [] } of scopeSelector?.matchExpressions ?? []) {
    if (!SCOPES.has(scopeName)) {
      errors.push(invalidValue(path.child('scopeName'), scopeName, 'unsupported scope'))
    }
    for (const _name of unfit(scopeName, hard)) {
      const form = goForm(scopeSelector, selectorStruct)
      errors.push(invalidValue(path, form, 'unsupported scope applied to resource'))
    }
    if (PRESENCE_ONLY.has(scopeName) && operator !== 'Exists') {
      const detail =
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
      errors.push(invalidValue(path.child('operator'), operator, detail))
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length > 0) continue
      const detail =
        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
      errors.push(required(path.child('values'), detail))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length === 0) continue
      const detail =
        "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
      errors.push(invalidValue(path.child('values'), values, detail))
    } else errors.push(invalidValue(path.child('operator'), operator, NOT_AN_OPERATOR))
  }
  const names = new Set(scopeSelector?.matchExpressions?.map((one) => one.scopeName))
  for (const [one, other] of OPPOSITES) {
    if (!names.has(one) || !names.has(other)) continue
    errors.push(invalidValue(path, scopes ?? null, 'conflicting scopes'))
  }
}

function validateStatus({ status }: ResourceQuota): FieldError[] {
  const errors: FieldError[] = []
  validateAmounts(status.hard, FieldPath.of('status', 'hard'), errors)
  validateAmounts(status.used, FieldPath.of('status', 'used'), errors)
  return errors
}
