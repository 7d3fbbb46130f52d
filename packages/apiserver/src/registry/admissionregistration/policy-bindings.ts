import {
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Subdomain,
  type MutatingAdmissionPolicyBinding,
  type ParamRef,
  required,
  type ValidatingAdmissionPolicyBinding,
} from '@miniplane/api'
import { policyBindingTable } from '../columns/admission.js'
import { defineStrategy, type TableColumns } from '../strategy.js'
import { validateLabelSelector } from '../validation/label-selector.js'
import { pathSegmentName } from '../validation/names.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'
import {
  setMatchDefaults,
  validateMatchResources,
  validateMutableOperations,
} from './match-resources.js'

const SPEC = FieldPath.of('spec')
const ACTIONS = ['Audit', 'Deny', 'Warn']

type Binding = ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding

export const validatingAdmissionPolicyBindings = defineStrategy<ValidatingAdmissionPolicyBinding>({
  ...desiredState<ValidatingAdmissionPolicyBinding>(),
  setDefaults: ({ spec }) => setMatchDefaults(spec.matchResources),
  validate: validateValidating,
  validateUpdate: (draft) => validateValidating(draft),
  allowUnconditionalUpdate: false,
  table: policyBindingTable,
})

export const mutatingAdmissionPolicyBindings = defineStrategy<MutatingAdmissionPolicyBinding>({
  ...desiredState<MutatingAdmissionPolicyBinding>(),
  setDefaults: ({ spec }) => setMatchDefaults(spec.matchResources),
  validate: validateMutating,
  validateUpdate: (draft) => validateMutating(draft),
  allowUnconditionalUpdate: false,
  table: policyBindingTable as unknown as TableColumns<MutatingAdmissionPolicyBinding>,
})

/** What both kinds of bindings have. */
function validateBinding({ spec }: Binding): FieldError[] {
  const errors: FieldError[] = []
  const { policyName, paramRef, matchResources } = spec
  const path = SPEC.child('policyName')
  if (!policyName) errors.push(required(path, ''))
  else
    for (const fault of isDns1123Subdomain(policyName))
      errors.push(invalidValue(path, policyName, fault))
  if (paramRef) validateParamRef(paramRef, SPEC.child('paramRef'), errors)
  if (matchResources) validateMatchResources(matchResources, SPEC.child('matchResources'), errors)
  return errors
}

function validateParamRef(
  { name, selector, parameterNotFoundAction: action }: ParamRef,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (name && selector) {
    const detail = 'name and selector are mutually exclusive'
    for (const field of ['name', 'selector']) errors.push(forbiddenField(path.child(field), detail))
  } else if (name) {
    for (const fault of pathSegmentName(name, false))
      errors.push(invalidValue(path.child('name'), name, fault))
  } else if (selector) validateLabelSelector(selector, path.child('selector'), errors)
  else errors.push(required(path, 'one of name or selector must be specified'))
  const at = path.child('parameterNotFoundAction')
  if (!action) errors.push(required(at, ''))
  else oneOf(action, ['Deny', 'Allow'], at, errors)
}

function validateMutating(binding: MutatingAdmissionPolicyBinding): FieldError[] {
  const errors = validateBinding(binding)
  const { matchResources } = binding.spec
  validateMutableOperations(matchResources, SPEC.child('matchResources'), errors)
  return errors
}

function validateValidating(binding: ValidatingAdmissionPolicyBinding): FieldError[] {
  const errors = validateBinding(binding)
  const path = SPEC.child('validationActions')
  const actions = binding.spec.validationActions ?? []
  if (actions.length === 0)
    errors.push(required(path, 'at least one validation action is required'))
  for (const [i, action] of actions.entries()) {
    oneOf(action, ACTIONS, path.index(i), errors)
    if (actions.indexOf(action) < i) errors.push(duplicate(path.index(i), action))
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
    errors.push(invalidValue(path, actions, detail))
  }
  return errors
}
