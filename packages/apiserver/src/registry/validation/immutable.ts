import { type FieldError, type FieldPath, invalidValue, semanticEqual } from '@miniplane/api'

/** `draft` must say what `stored` says, an absent value being equal to an empty one. */
export function immutableField(
  draft: unknown,
  stored: unknown,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (semanticEqual(draft, stored)) return
  errors.push(invalidValue(path, draft ?? null, 'field is immutable'))
}
