import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  type MatchCondition,
  required,
  tooMany,
} from '@miniplane/api'

const CONDITIONS_MAX = 64

/** All but the expressions themselves, which need CEL. */
export function validateMatchConditions(
  conditions: readonly MatchCondition[] = [],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (conditions.length > CONDITIONS_MAX)
    errors.push(tooMany(path, conditions.length, CONDITIONS_MAX))
  const names = new Set<string>()
  for (const [i, { name, expression }] of conditions.entries()) {
    const at = path.index(i)
    if (!expression?.trim()) errors.push(required(at.child('expression'), ''))
    if (!name) errors.push(required(at.child('name'), ''))
    else
      for (const fault of isQualifiedName(name))
        errors.push(invalidValue(at.child('name'), name, fault))
    if (names.has(name)) errors.push(duplicate(at.child('name'), name))
    names.add(name)
  }
}
