import {
  duplicate,
  type FieldError,
  FieldPath,
  invalidValue,
  isQualifiedName,
  required,
  type StorageClass,
} from '@miniplane/api'

type Terms = NonNullable<StorageClass['allowedTopologies']>

/** Where volumes of a class may be: no place is named twice. */
export function validateTopologies(terms: Terms, errors: FieldError[]): void {
  const seen = new Set<string>()
  for (const [i, term] of terms.entries()) {
    const path = FieldPath.of('allowedTopologies').index(i)
    const form = validateTerm(term, path, errors)
    if (seen.has(form)) errors.push(duplicate(path.child('matchLabelExpressions'), ''))
    seen.add(form)
  }
}

/** Returns a text that is equal for terms that mean the same. */
function validateTerm(
  { matchLabelExpressions = [] }: Terms[number],
  path: FieldPath,
  errors: FieldError[],
): string {
  const at = path.child('matchLabelExpressions')
  if (matchLabelExpressions.length === 0) errors.push(required(at, ''))
  const places = new Map<string, string[]>()
  for (const [i, { key, ...given }] of matchLabelExpressions.entries()) {
    const one = at.index(i)
    const values = given.values ?? []
    const seen = new Set<string>()
    if (values.length === 0) errors.push(required(one.child('values'), ''))
    for (const [j, value] of values.entries()) {
      if (seen.has(value)) errors.push(duplicate(one.child('values').index(j), value))
      seen.add(value)
    }
    for (const fault of isQualifiedName(key)) {
      errors.push(invalidValue(one.child('key'), key, fault))
    }
    if (places.has(key)) errors.push(duplicate(one.child('key'), key))
    places.set(key, [...seen].sort())
  }
  return JSON.stringify([...places].sort(([a], [b]) => (a < b ? -1 : 1)))
}
