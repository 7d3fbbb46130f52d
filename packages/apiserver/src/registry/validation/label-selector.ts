import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isQualifiedName,
  isValidLabelValue,
  type LabelSelector,
  required,
} from '@miniplane/api'
import { validateLabels } from './object-meta.js'

/** Every fault of a `matchLabels`/`matchExpressions` selector. An absent one has none. */
export function validateLabelSelector(
  selector: LabelSelector | null | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!selector) return
  validateLabels(selector.matchLabels, path.child('matchLabels'), errors)
  for (const [i, requirement] of (selector.matchExpressions ?? []).entries()) {
    validateRequirement(requirement, path.child('matchExpressions').index(i), errors)
  }
}

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: string[]
}

function validateRequirement(
  { key, operator, values = [] }: Requirement,
  path: FieldPath,
  errors: FieldError[],
): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(required(path.child('values'), VALUES_NEEDED))
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(forbiddenField(path.child('values'), VALUES_FORBIDDEN))
      break
    default:
      errors.push(invalidValue(path.child('operator'), operator, NOT_AN_OPERATOR))
  }
  for (const fault of isQualifiedName(key)) errors.push(invalidValue(path.child('key'), key, fault))
  for (const [i, value] of values.entries()) {
    for (const fault of isValidLabelValue(value)) {
      errors.push(invalidValue(path.child('values').index(i), value, fault))
    }
  }
}

export const VALUES_NEEDED = "must be specified when `operator` is 'In' or 'NotIn'"
export const VALUES_FORBIDDEN = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
export const NOT_AN_OPERATOR = 'not a valid selector operator'

/** True when the selector selects everything: `{}`. */
export const isEmptySelector = (selector: LabelSelector): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 &&
  (selector.matchExpressions ?? []).length === 0

/** A selector that can't be turned into requirements at all. */
export function isSelectorBroken(selector: LabelSelector | null | undefined): boolean {
  const errors: FieldError[] = []
  validateLabelSelector(selector, FieldPath.of('selector'), errors)
  return errors.length > 0
}
