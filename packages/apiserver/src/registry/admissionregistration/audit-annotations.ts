import {
  type AuditAnnotation,
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  required,
} from '@miniplane/api'
import { goForm } from '../validation/go-struct.js'

const ANNOTATIONS_MAX = 20
const annotationStruct = { Key: '', ValueExpression: '' } as const
const EXPRESSION_BYTES_MAX = 5 * 1024

/** What a policy leaves in the audit log, under a key that begins with the policy's name. */
export function validateAuditAnnotations(
  annotations: readonly AuditAnnotation[],
  policy: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (annotations.length > ANNOTATIONS_MAX) {
    const detail = `must not have more than ${ANNOTATIONS_MAX} auditAnnotations`
    const form = annotations.map((one) => goForm(one, annotationStruct))
    errors.push(invalidValue(path, form, detail))
  }
  const taken = new Set<string>()
  for (const [i, { key = '', valueExpression = '' }] of annotations.entries()) {
    const at = path.index(i)
    const full = `${policy}/${key}`
    if (policy === '') {
      errors.push(invalidValue(at.child('key'), key, 'requires metadata.name be non-empty'))
    } else {
      for (const fault of isQualifiedName(full)) {
        errors.push(invalidValue(at.child('key'), full, fault))
      }
    }
    const value = valueExpression.trim()
    const field = at.child('valueExpression')
    if (value === '') errors.push(required(field, 'valueExpression is not specified'))
    else if (Buffer.byteLength(value) > EXPRESSION_BYTES_MAX) {
      errors.push(required(field, `must not exceed ${EXPRESSION_BYTES_MAX} bytes in length`))
    }
    if (taken.has(key)) errors.push(duplicate(at.child('key'), key))
    taken.add(key)
  }
}
