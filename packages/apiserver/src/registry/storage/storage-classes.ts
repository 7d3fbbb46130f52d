import {
  type FieldError,
  FieldPath,
  invalidValue,
  isQualifiedName,
  required,
  type StorageClass,
} from '@miniplane/api'
import { storageClassTable } from '../columns/cluster.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { oneOf } from '../validation/object-meta.js'

const FIXED = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer']

export const storageClasses = defineStrategy<StorageClass>({
  setDefaults(draft) {
    draft.reclaimPolicy ??= 'Delete'
    draft.volumeBindingMode ??= 'Immediate'
  },
  validate: validateClass,
  validateUpdate(draft, stored) {
    const errors: FieldError[] = []
    for (const field of FIXED)
      immutableField(draft[field], stored[field], FieldPath.of(field), errors)
    return errors
  },
  returnsDeletedObject: true,
  table: storageClassTable,
})

function validateClass(one: StorageClass): FieldError[] {
  const errors: FieldError[] = []
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode } = one
  const path = FieldPath.of('provisioner')
  if (!provisioner) errors.push(required(path, ''))
  else {
    for (const fault of isQualifiedName(provisioner.toLowerCase())) {
      errors.push(invalidValue(path, provisioner, fault))
    }
  }
  if (parameters && '' in parameters) {
    errors.push(invalidValue(FieldPath.of('parameters'), '', 'field can not be empty.'))
  }
  oneOf(reclaimPolicy, ['Delete', 'Retain'], FieldPath.of('reclaimPolicy'), errors)
  oneOf(volumeBindingMode, BINDING_MODES, FieldPath.of('volumeBindingMode'), errors)
  return errors
}
