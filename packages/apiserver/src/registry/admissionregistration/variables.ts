import {
  type FieldError,
  type FieldPath,
  invalidValue,
  required,
  type Variable,
} from '@miniplane/api'

/** Words of the language itself, which name nothing. */
const RESERVED = new Set(
  'as break const continue else false for function if import in let loop namespace null package return true var void while'.split(
    ' ',
  ),
)

/** What expressions may speak of by a name; the expressions themselves need CEL. */
export function validateVariables(
  variables: readonly Variable[] | null | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, { name = '', expression = '' }] of (variables ?? []).entries()) {
    const at = path.index(i)
    const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name)
    if (name.trim() === '') errors.push(required(at.child('name'), 'name is not specified'))
    else if (!isName) {
      errors.push(invalidValue(at.child('name'), name, 'must be a valid CEL identifier'))
    }
    if (expression.trim() === '') {
      errors.push(required(at.child('expression'), 'expression is not specified'))
    }
  }
}
