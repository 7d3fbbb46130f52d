import { decodedEqual, type FieldError, type FieldPath, invalidValue } from '@miniplane/api'

/**
 * `draft` must say what `stored` says, an absent value being equal to an empty one. `form`
 * is how the message shows it.
 */
export function immutableField(
  draft: unknown,
  stored: unknown,
  path: FieldPath,
  errors: FieldError[],
  form: unknown = draft,
): void {
  if (decodedEqual(draft, stored)) return
  errors.push(invalidValue(path, form ?? null, 'field is immutable'))
}
