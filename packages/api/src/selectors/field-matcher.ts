import { SelectorError } from './label-matcher.js'

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** What a field selector comes to: all its requirements hold. Immutable. */
export class FieldMatcher {
  static readonly everything = new FieldMatcher([])
  readonly requirements: readonly FieldRequirement[]

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements
  }

  get isEverything(): boolean {
    return this.requirements.length === 0
  }

  /** `fieldValue` gives a field's value as text; a field without one has the empty value. */
  matches(fieldValue: (field: string) => string | undefined): boolean {
    for (const { field, operator, value } of this.requirements)
      if (((fieldValue(field) ?? '') === value) !== (operator === '=')) return false
    return true
  }

  /** The value that the selector demands for `field`, if it does. */
  exactValue(field: string): string | undefined {
    return this.requirements.find((each) => each.field === field && each.operator === '=')?.value
  }

  toString(): string {
    return this.requirements
      .map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`)
      .join(',')
  }
}

/** Backslash, comma and equals sign written so that a field selector keeps them. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&')
}

/** Reads `spec.nodeName=a,status.phase!=Running`. Throws `SelectorError` with Go's texts. */
export function parseFieldSelector(text: string): FieldMatcher {
  const requirements: FieldRequirement[] = []
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue
    const parts = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
    if (!parts) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`)
    const [, field = '', operator, value = ''] = parts
    // Nothing asked of nothing: Go drops such a term.
    if (field === '' && value === '') continue
    requirements.push({
      field,
      operator: operator === '!=' ? '!=' : '=',
      value: unescapeFieldValue(value),
    })
  }
  return new FieldMatcher(requirements)
}

function splitTerms(text: string): string[] {
  return text === '' ? [] : (text.match(/(?:\\.|[^,\\]|\\$)+|(?<=^|,)(?=,|$)/gs) ?? [])
}

function unescapeFieldValue(value: string): string {
  let result = ''
  for (let i = 0; i < value.length; i++) {
    const character = value[i] ?? ''
    if (character === '\\') {
      const next = value[++i] ?? ''
      if (next === '' || !'\\,='.includes(next))
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${next}`)
      result += next
    } else if (character === ',' || character === '=') {
      const code = character.charCodeAt(0)
      throw new SelectorError(`invalid field selector: unescaped character in value: ${code}`)
    } else result += character
  }
  return result
}
