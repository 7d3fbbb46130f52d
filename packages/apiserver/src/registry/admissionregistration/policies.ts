import {
  type FieldError,
  FieldPath,
  invalidValue,
  type MutatingAdmissionPolicy,
  type Mutation,
  required,
  type ValidatingAdmissionPolicy,
  type Validation,
} from '@miniplane/api'
import { mutatingPolicyTable, validatingPolicyTable } from '../columns/admission.js'
import { KEEPS_METADATA, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { validateConditions } from '../validation/conditions.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'
import { validateAuditAnnotations } from './audit-annotations.js'
import { validateMatchConditions } from './match-conditions.js'
import {
  setMatchDefaults,
  validateMatchResources,
  validateMutableOperations,
  validateParamKind,
} from './match-resources.js'
import { validateVariables } from './variables.js'

const SPEC = FieldPath.of('spec')
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

type Policy = ValidatingAdmissionPolicy | MutatingAdmissionPolicy

function setPolicyDefaults({ spec }: Policy): void {
  spec.failurePolicy ??= 'Fail'
  setMatchDefaults(spec.matchConstraints)
}

// Expressions are not compiled: that needs CEL.

export const validatingAdmissionPolicies = defineStrategy<ValidatingAdmissionPolicy>({
  ...desiredState<ValidatingAdmissionPolicy>(),
  setDefaults: setPolicyDefaults,
  validate: validateValidating,
  validateUpdate: (draft) => validateValidating(draft),
  allowUnconditionalUpdate: false,
  table: validatingPolicyTable,
  subresources: {
    status: statusSubresource<ValidatingAdmissionPolicy>({
      keep: KEEPS_METADATA,
      validate: validateStatus,
    }),
  },
})

export const mutatingAdmissionPolicies = defineStrategy<MutatingAdmissionPolicy>({
  ...desiredState<MutatingAdmissionPolicy>(),
  setDefaults: setPolicyDefaults,
  validate: validateMutating,
  validateUpdate: (draft) => validateMutating(draft),
  allowUnconditionalUpdate: false,
  table: mutatingPolicyTable,
})

function validateStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('status')
  const warnings = path.child('typeChecking', 'expressionWarnings')
  for (const [i, one] of (status?.typeChecking?.expressionWarnings ?? []).entries())
    for (const field of ['warning', 'fieldRef'] as const)
      if (!one[field]?.trim()) errors.push(required(warnings.index(i).child(field), ''))
  validateConditions(status?.conditions, path.child('conditions'), errors)
  return errors
}

/** What both kinds of policies have. */
function validateCommon({ spec }: Policy, errors: FieldError[]): void {
  oneOf(spec.failurePolicy, ['Fail', 'Ignore'], SPEC.child('failurePolicy'), errors)
  if (spec.paramKind) validateParamKind(spec.paramKind, SPEC.child('paramKind'), errors)
  const path = SPEC.child('matchConstraints')
  const { matchConstraints: match } = spec
  if (!match) errors.push(required(path, ''))
  else {
    validateMatchResources(match, path, errors)
    if (!match.resourceRules?.length) errors.push(required(path.child('resourceRules'), ''))
  }
  validateMatchConditions(spec.matchConditions, SPEC.child('matchConditions'), errors)
  validateVariables(spec.variables, SPEC.child('variables'), errors)
}

function validateValidating(policy: ValidatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = []
  validateCommon(policy, errors)
  const { validations = [], auditAnnotations = [] } = policy.spec
  if (validations.length === 0 && auditAnnotations.length === 0)
    for (const field of ['validations', 'auditAnnotations']) {
      const detail = 'validations or auditAnnotations must contain at least one item'
      errors.push(required(SPEC.child(field), detail))
    }
  for (const [i, validation] of validations.entries())
    validateValidation(validation, SPEC.child('validations').index(i), errors)
  const annotations = SPEC.child('auditAnnotations')
  validateAuditAnnotations(auditAnnotations, policy.metadata.name ?? '', annotations, errors)
  return errors
}

function validateValidation(validation: Validation, path: FieldPath, errors: FieldError[]): void {
  const { expression, message, messageExpression, reason } = validation
  if (!expression?.trim())
    errors.push(required(path.child('expression'), 'expression is not specified'))
  const unless = (isWrong: boolean, field: string, value: unknown, detail: string) =>
    isWrong && errors.push(invalidValue(path.child(field), value, detail))
  const empty = 'must be non-empty if specified'
  unless(messageExpression?.trim() === '', 'messageExpression', messageExpression, empty)
  unless(message?.trim() === '', 'message', message, empty)
  unless(/[\r\n]/.test(message?.trim() ?? ''), 'message', message, 'must not contain line breaks')
  if (reason !== undefined) oneOf(reason, REASONS, path.child('reason'), errors)
}

function validateMutating(policy: MutatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = []
  validateCommon(policy, errors)
  const { mutations = [], reinvocationPolicy, matchConstraints } = policy.spec
  validateMutableOperations(matchConstraints, SPEC.child('matchConstraints'), errors)
  if (mutations.length === 0) {
    const detail = 'mutations must contain at least one item'
    errors.push(required(SPEC.child('mutations'), detail))
  }
  for (const [i, mutation] of mutations.entries())
    validateMutation(mutation, SPEC.child('mutations').index(i), errors)
  const path = SPEC.child('reinvocationPolicy')
  if (!reinvocationPolicy) errors.push(required(path, ''))
  else oneOf(reinvocationPolicy, ['IfNeeded', 'Never'], path, errors)
  return errors
}

const PATCHES = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const

function validateMutation(mutation: Mutation, path: FieldPath, errors: FieldError[]): void {
  const { patchType } = mutation
  if (!patchType) errors.push(required(path.child('patchType'), ''))
  if (!patchType || !oneOf(patchType, Object.keys(PATCHES), path.child('patchType'), errors)) return
  const field = PATCHES[patchType as keyof typeof PATCHES]
  const patch = mutation[field]
  if (!patch) {
    const detail = `must be specified when patchType is ${patchType}`
    errors.push(required(path.child(field), detail))
  } else if (!patch.expression?.trim()) {
    errors.push(required(path.child(field, 'expression'), ''))
  }
  for (const other of Object.values(PATCHES))
    if (other !== field && mutation[other]) {
      const detail = `must not be specified when patchType is ${patchType}`
      errors.push(invalidValue(path.child(other), `{${other}}`, detail))
    }
}
