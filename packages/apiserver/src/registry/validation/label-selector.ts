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

/**
 * Keys whose value is taken from the Pod itself. By the time of validation those to match stand in
 * the selector as expressions already, so that a second mention is the client's own.
 */
export function validateLabelKeys(
  term: {
    readonly matchLabelKeys?: readonly string[]
    readonly mismatchLabelKeys?: readonly string[]
    readonly labelSelector?: LabelSelector
  },
  path: FieldPath,
  errors: FieldError[],
): void {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector: selector } = term
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    const keys = term[field] ?? []
    if (keys.length > 0 && !selector) {
      const detail = 'must not be specified when labelSelector is not set'
      errors.push(forbiddenField(path.child(field), detail))
      continue
    }
    for (const [i, key] of keys.entries()) {
      for (const fault of isQualifiedName(key)) {
        errors.push(invalidValue(path.child(field).index(i), key, fault))
      }
    }
  }
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}))
  for (const { key } of selector?.matchExpressions ?? []) {
    const at = matchLabelKeys.indexOf(key)
    if (at >= 0 && seen.has(key)) {
      errors.push(
        invalidValue(path.index(at), key, 'exists in both matchLabelKeys and labelSelector'),
      )
    }
    seen.add(key)
  }
  for (const [i, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue
    const detail = 'exists in both matchLabelKeys and mismatchLabelKeys'
    errors.push(invalidValue(path.child('matchLabelKeys').index(i), key, detail))
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
