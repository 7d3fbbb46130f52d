import {
  type CSIStorageCapacity,
  type FieldError,
  FieldPath,
  invalidValue,
  isDns1123Subdomain,
  parseQuantity,
} from '@miniplane/api'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { validateLabelSelector } from '../validation/label-selector.js'

/** How much a driver can still provision, where. What was asked stays, the answer may change. */
export const csiStorageCapacities = defineStrategy<CSIStorageCapacity>({
  validate: validateCapacity,
  validateUpdate(draft, stored) {
    const errors = validateCapacity(draft)
    for (const field of ['nodeTopology', 'storageClassName'] as const) {
      immutableField(draft[field], stored[field], FieldPath.of(field), errors)
    }
    return errors
  },
})

function validateCapacity({
  nodeTopology,
  storageClassName = '',
  capacity,
}: CSIStorageCapacity): FieldError[] {
  const errors: FieldError[] = []
  validateLabelSelector(nodeTopology, FieldPath.of('nodeTopology'), errors)
  for (const fault of isDns1123Subdomain(storageClassName)) {
    errors.push(invalidValue(FieldPath.of('storageClassName'), storageClassName, fault))
  }
  if (capacity !== undefined && parseQuantity(capacity).compare(parseQuantity('0')) < 0) {
    const detail = 'must be greater than or equal to 0'
    errors.push(invalidValue(FieldPath.of('capacity'), capacity, detail))
  }
  return errors
}
