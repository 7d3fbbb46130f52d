import {
  type FieldError,
  FieldPath,
  forbiddenField,
  semanticEqual,
  type VolumeAttributesClass,
} from '@miniplane/api'
import { volumeAttributesClassTable } from '../columns/storage.js'
import { defineStrategy } from '../strategy.js'
import { validateParameters, validateProvisioner } from './class-parameters.js'

export const volumeAttributesClasses = defineStrategy<VolumeAttributesClass>({
  validate: validateClass,
  validateUpdate(draft, stored) {
    const errors: FieldError[] = []
    for (const field of ['driverName', 'parameters'] as const) {
      if (semanticEqual(draft[field], stored[field])) continue
      errors.push(forbiddenField(FieldPath.of(field), `updates to ${field} are forbidden.`))
    }
    return [...errors, ...validateClass(draft)]
  },
  returnsDeletedObject: true,
  table: volumeAttributesClassTable,
})

function validateClass({ driverName, parameters }: VolumeAttributesClass): FieldError[] {
  const errors: FieldError[] = []
  validateProvisioner(driverName, FieldPath.of('driverName'), errors)
  validateParameters(parameters, true, errors)
  return errors
}
