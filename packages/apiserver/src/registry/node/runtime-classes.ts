import {
  duplicate,
  type FieldError,
  FieldPath,
  invalidValue,
  isDns1123Label,
  type RuntimeClass,
  required,
} from '@miniplane/api'
import { runtimeClassTable } from '../columns/cluster.js'
import { defineStrategy } from '../strategy.js'
import { goForm } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import { validateLabels } from '../validation/object-meta.js'
import { validateOverhead } from '../validation/pod-spec.js'
import { validateTolerations } from '../validation/scheduling.js'

const tolerationStruct = {
  Key: '',
  Operator: '',
  Value: '',
  Effect: '',
  TolerationSeconds: null,
} as const

export const runtimeClasses = defineStrategy<RuntimeClass>({
  validate: validateClass,
  validateUpdate(draft, stored) {
    const errors = validateClass(draft)
    immutableField(draft.handler, stored.handler, FieldPath.of('handler'), errors)
    return errors
  },
  allowCreateOnUpdate: true,
  table: runtimeClassTable,
})

function validateClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('handler')
  if (!handler) errors.push(required(path, ''))
  else for (const fault of isDns1123Label(handler)) errors.push(invalidValue(path, handler, fault))
  if (overhead?.podFixed) validateOverhead(overhead.podFixed, FieldPath.of('overhead'), errors)
  const at = FieldPath.of('scheduling')
  validateLabels(scheduling?.nodeSelector, at.child('nodeSelector'), errors)
  validateTolerations(scheduling?.tolerations, at.child('tolerations'), errors)
  const seen = new Set<string>()
  for (const [i, one] of (scheduling?.tolerations ?? []).entries()) {
    const form = goForm(one, tolerationStruct) as Record<string, unknown>
    const key = JSON.stringify({ ...form, TolerationSeconds: null })
    if (seen.has(key)) errors.push(duplicate(at.child('tolerations').index(i), form))
    seen.add(key)
  }
  return errors
}
