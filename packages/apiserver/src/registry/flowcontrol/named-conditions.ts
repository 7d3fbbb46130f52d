import { duplicate, type FieldError, FieldPath, required } from '@miniplane/api'

interface Status {
  readonly conditions?: readonly { readonly type?: string }[] | null
}

/** Each condition has a type of its own; nothing else is asked of them here. */
export function namedConditions({ conditions }: Status): FieldError[] {
  const errors: FieldError[] = []
  const taken = new Set<string>()
  for (const [i, { type = '' }] of (conditions ?? []).entries()) {
    const path = FieldPath.of('status', 'conditions').index(i).child('type')
    if (taken.has(type)) errors.push(duplicate(path, type))
    taken.add(type)
    if (type === '') errors.push(required(path, ''))
  }
  return errors
}
