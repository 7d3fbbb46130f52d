import {
  type Condition,
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  regexMessage,
  required,
  tooLong,
} from '@miniplane/api'
import { oneOf } from './object-meta.js'

const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const NOT_A_REASON = regexMessage(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
)
const REASON_BYTES_MAX = 1024
const MESSAGE_BYTES_MAX = 32 * 1024

/** The rules for conditions in the form that all newer kinds share. */
export function validateConditions(
  conditions: readonly Condition[] | null | undefined,
  path: FieldPath,
  errors: FieldError[],
  whenAbsent = 'must be set',
): void {
  const taken = new Set<string>()
  for (const [i, condition] of (conditions ?? []).entries()) {
    const at = path.index(i)
    if (taken.has(condition.type)) errors.push(duplicate(at.child('type'), condition.type))
    taken.add(condition.type)
    validateCondition(condition, at, errors, whenAbsent)
  }
}

function validateCondition(
  condition: Condition,
  path: FieldPath,
  errors: FieldError[],
  whenAbsent: string,
): void {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message } = condition
  for (const fault of isQualifiedName(type)) {
    errors.push(invalidValue(path.child('type'), type, fault))
  }
  oneOf(status, ['False', 'True', 'Unknown'], path.child('status'), errors)
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero'
    errors.push(invalidValue(path.child('observedGeneration'), observedGeneration, detail))
  }
  if (!lastTransitionTime) errors.push(required(path.child('lastTransitionTime'), whenAbsent))
  const at = path.child('reason')
  if (!reason) errors.push(required(at, whenAbsent))
  else {
    if (!new RegExp(`^${REASON}$`).test(reason)) errors.push(invalidValue(at, reason, NOT_A_REASON))
    if (Buffer.byteLength(reason) > REASON_BYTES_MAX) {
      errors.push(tooLong(at, reason, REASON_BYTES_MAX))
    }
  }
  if (Buffer.byteLength(message ?? '') > MESSAGE_BYTES_MAX) {
    errors.push(tooLong(path.child('message'), message, MESSAGE_BYTES_MAX))
  }
}
