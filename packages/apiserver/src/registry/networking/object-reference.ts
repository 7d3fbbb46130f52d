import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDns1123Subdomain,
  required,
} from '@miniplane/api'
import { pathSegmentName } from '../validation/names.js'

interface ObjectReference {
  readonly apiGroup?: string | null | undefined
  readonly kind?: string
  readonly name?: string
}

/** Names an object of any kind, one that need not exist. */
export function validateObjectReference(
  reference: ObjectReference,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { apiGroup } = reference
  const isNamed = apiGroup !== undefined && apiGroup !== null
  for (const fault of isNamed ? isDns1123Subdomain(apiGroup) : []) {
    errors.push(invalidValue(path.child('apiGroup'), apiGroup, fault))
  }
  for (const field of ['kind', 'name'] as const) {
    const value = reference[field]
    if (!value) errors.push(required(path.child(field), ''))
    for (const fault of value ? pathSegmentName(value, false) : []) {
      errors.push(invalidValue(path.child(field), value, fault))
    }
  }
}
