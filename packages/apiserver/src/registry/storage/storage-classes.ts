import { type FieldError, FieldPath, type StorageClass } from '@miniplane/api'
import { storageClassTable } from '../columns/storage.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { oneOf } from '../validation/object-meta.js'
import { validateTopologies } from './allowed-topologies.js'
import { validateParameters, validateProvisioner } from './class-parameters.js'

const FIXED = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer']

export const storageClasses = defineStrategy<StorageClass>({
  setDefaults(draft) {
    draft.reclaimPolicy ??= 'Delete'
    draft.volumeBindingMode ??= 'Immediate'
  },
  validate: validateClass,
  validateUpdate(draft, stored) {
    const errors = validateClass(draft)
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
  validateProvisioner(provisioner, FieldPath.of('provisioner'), errors)
  validateParameters(parameters, false, errors)
  if (reclaimPolicy)
    oneOf(reclaimPolicy, ['Delete', 'Retain'], FieldPath.of('reclaimPolicy'), errors)
  oneOf(volumeBindingMode, BINDING_MODES, FieldPath.of('volumeBindingMode'), errors)
  validateTopologies(one.allowedTopologies ?? [], errors)
  return errors
}
