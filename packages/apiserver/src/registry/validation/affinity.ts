import {
  type Affinity,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidLabelValue,
  type NodeSelector,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
  type PodAffinity,
  type PodAffinityTerm,
  required,
} from '@miniplane/api'
import {
  NOT_AN_OPERATOR,
  VALUES_FORBIDDEN,
  VALUES_NEEDED,
  validateLabelKeys,
  validateLabelSelector,
} from './label-selector.js'

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(
  affinity: Affinity | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!affinity) return
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  if (nodeAffinity) {
    const at = path.child('nodeAffinity')
    if (nodeAffinity[REQUIRED]) {
      validateNodeSelector(nodeAffinity[REQUIRED], at.child(REQUIRED), errors)
    }
    for (const [i, { weight, preference }] of (nodeAffinity[PREFERRED] ?? []).entries()) {
      const term = at.child(PREFERRED).index(i)
      validateWeight(weight, term, errors)
      validateNodeSelectorTerm(preference, false, term.child('preference'), errors)
    }
  }
  if (podAffinity) validatePodAffinity(podAffinity, path.child('podAffinity'), errors)
  if (podAntiAffinity) validatePodAffinity(podAntiAffinity, path.child('podAntiAffinity'), errors)
}

function validateWeight(weight: number, path: FieldPath, errors: FieldError[]): void {
  if (weight >= 1 && weight <= 100) return
  errors.push(invalidValue(path.child('weight'), weight, 'must be in the range 1-100'))
}

export function validateNodeSelector(
  { nodeSelectorTerms }: NodeSelector,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('nodeSelectorTerms')
  if (!nodeSelectorTerms?.length) {
    errors.push(required(at, 'must have at least one node selector term'))
  }
  for (const [i, term] of (nodeSelectorTerms ?? []).entries()) {
    validateNodeSelectorTerm(term, true, at.index(i), errors)
  }
}

function validateNodeSelectorTerm(
  { matchExpressions, matchFields }: NodeSelectorTerm,
  isStrict: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, requirement] of (matchExpressions ?? []).entries()) {
    validateExpression(requirement, isStrict, path.child('matchExpressions').index(i), errors)
  }
  for (const [i, requirement] of (matchFields ?? []).entries()) {
    validateFieldRequirement(requirement, path.child('matchFields').index(i), errors)
  }
}

function validateExpression(
  { key, operator, values = [] }: NodeSelectorRequirement,
  isStrict: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(required(at, VALUES_NEEDED))
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(forbiddenField(at, VALUES_FORBIDDEN))
      break
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        errors.push(required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      }
      break
    default:
      errors.push(invalidValue(path.child('operator'), operator, NOT_AN_OPERATOR))
  }
  for (const fault of isQualifiedName(key)) errors.push(invalidValue(path.child('key'), key, fault))
  // A preference for a label that can't be was always allowed: it does no harm.
  if (!isStrict) return
  for (const [i, value] of values.entries()) {
    for (const fault of isValidLabelValue(value)) {
      errors.push(invalidValue(at.index(i), value, fault))
    }
  }
}

/** Fields of the Node itself; so far there is only its name. */
function validateFieldRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalidValue(path.child('operator'), operator, NOT_AN_OPERATOR))
  } else if (values.length !== 1) {
    const detail =
      "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    errors.push(required(path.child('values'), detail))
  }
  if (key !== 'metadata.name') {
    errors.push(invalidValue(path.child('key'), key, 'not a valid field selector key'))
    return
  }
  for (const [i, name] of values.entries()) {
    for (const fault of isDns1123Subdomain(name)) {
      errors.push(invalidValue(path.child('values').index(i), name, fault))
    }
  }
}

function validatePodAffinity(affinity: PodAffinity, path: FieldPath, errors: FieldError[]): void {
  for (const [i, term] of (affinity[REQUIRED] ?? []).entries()) {
    validatePodAffinityTerm(term, path.child(REQUIRED).index(i), errors)
  }
  for (const [i, { weight, podAffinityTerm }] of (affinity[PREFERRED] ?? []).entries()) {
    const at = path.child(PREFERRED).index(i)
    validateWeight(weight, at, errors)
    validatePodAffinityTerm(podAffinityTerm, at.child('podAffinityTerm'), errors)
  }
}

function validatePodAffinityTerm(
  term: PodAffinityTerm,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateLabelSelector(term.labelSelector, path.child('labelSelector'), errors)
  validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector'), errors)
  for (const name of term.namespaces ?? []) {
    for (const fault of isDns1123Label(name)) {
      errors.push(invalidValue(path.child('namespace'), name, fault))
    }
  }
  validateLabelKeys(term, path, errors)
  const at = path.child('topologyKey')
  if (!term.topologyKey) errors.push(required(at, 'can not be empty'))
  for (const fault of isQualifiedName(term.topologyKey ?? '')) {
    errors.push(invalidValue(at, term.topologyKey ?? '', fault))
  }
}
