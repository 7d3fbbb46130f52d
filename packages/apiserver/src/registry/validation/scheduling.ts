import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isQualifiedName,
  isValidLabelValue,
  notSupported,
  type PodSchedulingGate,
  required,
  semanticEqual,
  type Toleration,
  type TopologySpreadConstraint,
} from '@miniplane/api'
import { validateLabelKeys, validateLabelSelector } from './label-selector.js'
import { oneOf } from './object-meta.js'

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const ONLY_EXISTS =
  'operator must be Exists when `key` is empty, which means "match all values and all keys"'

export function validateTolerations(
  tolerations: readonly Toleration[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, toleration] of (tolerations ?? []).entries()) {
    validateToleration(toleration, path.index(i), errors)
  }
}

function validateToleration(
  { key, operator = '', value = '', effect = '', tolerationSeconds }: Toleration,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (key) {
    for (const fault of isQualifiedName(key)) {
      errors.push(invalidValue(path.child('key'), key, fault))
    }
  } else if (operator !== 'Exists') {
    errors.push(invalidValue(path.child('operator'), operator, ONLY_EXISTS))
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    errors.push(invalidValue(path.child('effect'), effect, detail))
  }
  // A wrong value is reported at the operator.
  if (operator === 'Equal' || operator === '') {
    const faults = isValidLabelValue(value)
    if (faults.length > 0) {
      errors.push(invalidValue(path.child('operator'), value, faults.join(';')))
    }
  } else if (operator === 'Exists') {
    if (value) {
      const detail = "value must be empty when `operator` is 'Exists'"
      errors.push(invalidValue(path.child('operator'), value, detail))
    }
  } else {
    // A feature that is off by default, though its words are said. Source: KEP-5471.
    const isKnown = operator === 'Lt' || operator === 'Gt'
    const supported = ['Equal', 'Exists', ...(isKnown ? ['Lt', 'Gt'] : [])]
    errors.push(notSupported(path.child('operator'), operator, supported))
  }
  if (effect) oneOf(effect, TAINT_EFFECTS, path.child('effect'), errors)
}

/** A running Pod may learn to tolerate more, and for another time, never less. */
export function validateOnlyAddedTolerations(
  draft: readonly Toleration[] | undefined,
  stored: readonly Toleration[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const withoutSeconds = ({ tolerationSeconds, ...rest }: Toleration) => rest
  for (const old of stored ?? []) {
    const kept = draft?.some((one) => semanticEqual(withoutSeconds(one), withoutSeconds(old)))
    if (kept) continue
    const detail = 'existing toleration can not be modified except its tolerationSeconds'
    errors.push(forbiddenField(path, detail))
    return
  }
  validateTolerations(draft, path, errors)
}

export function validateSchedulingGates(
  gates: readonly PodSchedulingGate[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!gates) return
  const taken = new Set<string>()
  for (const [i, { name }] of gates.entries()) {
    for (const fault of isQualifiedName(name)) {
      errors.push(invalidValue(path.index(i), name, fault))
    }
    if (taken.has(name)) errors.push(duplicate(path.index(i), name))
    taken.add(name)
  }
}

export function validateOnlyRemovedGates(
  draft: readonly PodSchedulingGate[] | undefined,
  stored: readonly PodSchedulingGate[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const known = new Set((stored ?? []).map((gate) => gate.name))
  for (const [i, { name }] of (draft ?? []).entries()) {
    if (known.has(name)) continue
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`
    errors.push(forbiddenField(path.index(i).child('name'), detail))
  }
}

export function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, constraint] of (constraints ?? []).entries()) {
    validateConstraint(constraint, constraints?.slice(i + 1) ?? [], path.index(i), errors)
  }
}

function validateConstraint(
  constraint: TopologySpreadConstraint,
  later: readonly TopologySpreadConstraint[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint
  if (maxSkew <= 0) {
    errors.push(invalidValue(path.child('maxSkew'), maxSkew, 'must be greater than zero'))
  }
  if (!topologyKey) errors.push(required(path.child('topologyKey'), 'can not be empty'))
  const actions = ['DoNotSchedule', 'ScheduleAnyway']
  oneOf(whenUnsatisfiable, actions, path.child('whenUnsatisfiable'), errors)
  const isSame = (other: TopologySpreadConstraint) =>
    other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable
  if (later.some(isSame)) {
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
    errors.push(duplicate(path.child('{topologyKey, whenUnsatisfiable}'), pair))
  }
  if (minDomains !== undefined) {
    const at = path.child('minDomains')
    if (minDomains <= 0) errors.push(invalidValue(at, minDomains, 'must be greater than zero'))
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`
      errors.push(invalidValue(at, minDomains, detail))
    }
  }
  for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[field]
    if (policy !== undefined) oneOf(policy, ['Honor', 'Ignore'], path.child(field), errors)
  }
  validateLabelKeys(constraint, path, errors)
  validateLabelSelector(constraint.labelSelector, path.child('labelSelector'), errors)
}
