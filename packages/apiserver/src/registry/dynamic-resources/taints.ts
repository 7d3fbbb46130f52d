import {
  type DeviceTaint,
  type DeviceToleration,
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  isValidLabelValue,
  required,
} from '@miniplane/api'
import { oneOf } from '../validation/object-meta.js'
import { boundedList } from './collections.js'

const EFFECTS = ['NoExecute', 'NoSchedule', 'None']
const CONDITIONS_MAX = 4
const TOLERATIONS_MAX = 16

function labelKey(value: string, path: FieldPath, errors: FieldError[]): void {
  for (const fault of isQualifiedName(value)) errors.push(invalidValue(path, value, fault))
}

function labelValue(value: string, path: FieldPath, errors: FieldError[]): void {
  for (const fault of isValidLabelValue(value)) errors.push(invalidValue(path, value, fault))
}

export function validateTaint(taint: DeviceTaint, path: FieldPath, errors: FieldError[]): void {
  labelKey(taint.key, path.child('key'), errors)
  labelValue(taint.value ?? '', path.child('value'), errors)
  if (!taint.effect) errors.push(required(path.child('effect'), ''))
  else oneOf(taint.effect, EFFECTS, path.child('effect'), errors)
}

export function validateDeviceTolerations(
  tolerations: readonly DeviceToleration[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  boundedList(tolerations, TOLERATIONS_MAX, validateToleration, path, errors)
}

function validateToleration(
  { key, operator, value = '', effect }: DeviceToleration,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (key) labelKey(key, path.child('key'), errors)
  if (!operator) errors.push(required(path.child('operator'), ''))
  else if (oneOf(operator, ['Equal', 'Exists'], path.child('operator'), errors)) {
    if (operator === 'Equal') labelValue(value, path.child('value'), errors)
    else if (value) {
      errors.push(invalidValue(path.child('value'), value, 'must be empty for operator `Exists`'))
    }
  }
  if (effect) oneOf(effect, EFFECTS, path.child('effect'), errors)
}

interface Binding {
  readonly bindingConditions?: readonly string[]
  readonly bindingFailureConditions?: readonly string[]
}

/** Conditions to wait for before a Pod is bound; both kinds or none. */
export function validateBindingConditions(
  { bindingConditions = [], bindingFailureConditions = [] }: Binding,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('bindingConditions')
  const failureAt = path.child('bindingFailureConditions')
  boundedList(bindingConditions, CONDITIONS_MAX, labelKey, at, errors)
  boundedList(bindingFailureConditions, CONDITIONS_MAX, labelKey, failureAt, errors)
  unique(bindingConditions, at, errors)
  unique(bindingFailureConditions, failureAt, errors)
  for (const [i, condition] of bindingFailureConditions.entries()) {
    if (!bindingConditions.includes(condition)) continue
    const detail = 'bindingFailureConditions must not overlap with bindingConditions'
    errors.push(invalidValue(failureAt.index(i), condition, detail))
  }
  if (bindingConditions.length === 0 && bindingFailureConditions.length > 0) {
    const detail = 'bindingConditions are required to use bindingFailureConditions'
    errors.push(invalidValue(at, bindingConditions, detail))
  }
  if (bindingFailureConditions.length === 0 && bindingConditions.length > 0) {
    const detail = 'bindingFailureConditions are required to use bindingConditions'
    errors.push(invalidValue(failureAt, bindingFailureConditions, detail))
  }
}

function unique(values: readonly string[], path: FieldPath, errors: FieldError[]): void {
  for (const [i, value] of values.entries()) {
    if (values.indexOf(value) < i) errors.push(duplicate(path.index(i), value))
  }
}
