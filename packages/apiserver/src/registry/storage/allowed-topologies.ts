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
  // The real server compares with as many empty ones beforehand: it lets none be empty so.
  const seen: string[] = terms.map(() => '[]')
  for (const [i, term] of terms.entries()) {
    const path = FieldPath.of('allowedTopologies').index(i)
    const form = validateTerm(term, path, errors)
    for (const other of seen)
      if (other === form) errors.push(duplicate(path.child('matchLabelExpressions'), ''))
    seen.push(form)
  }
}

/** Returns a text that is equal for terms that mean the same. */
function validateTerm(term: Terms[number], path: FieldPath, errors: FieldError[]): string {
  const at = path.child('matchLabelExpressions')
  const matchLabelExpressions = term?.matchLabelExpressions ?? []
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
