import { type ControllerRevision, type FieldError, FieldPath, required } from '@miniplane/api'
import { controllerRevisionTable } from '../columns/cluster.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { nonNegative } from '../validation/numbers.js'

const DATA = FieldPath.of('data')

export const controllerRevisions = defineStrategy<ControllerRevision>({
  validate: validateRevision,
  validateUpdate(draft, stored) {
    const errors = validateRevision(draft)
    immutableField(draft.data, stored.data, DATA, errors)
    return errors
  },
  table: controllerRevisionTable,
})

function validateRevision({ data, revision }: ControllerRevision): FieldError[] {
  const errors: FieldError[] = []
  if (data === undefined || data === null) errors.push(required(DATA, 'data is mandatory'))
  else if (typeof data !== 'object' || Array.isArray(data))
    errors.push(required(DATA, 'data must be a valid JSON object'))
  nonNegative(revision, FieldPath.of('revision'), errors)
  return errors
}
