import { type FieldError, FieldPath, invalidValue, type Lease } from '@miniplane/api'
import { leaseTable } from '../columns/cluster.js'
import { defineStrategy } from '../strategy.js'
import { nonNegative } from '../validation/numbers.js'

const SPEC = FieldPath.of('spec')

export const leases = defineStrategy<Lease>({
  // Fields of a feature that is off are dropped, not refused.
  prepareForCreate: dropDisabledFields,
  prepareForUpdate: dropDisabledFields,
  validate: validateLease,
  validateUpdate: (draft) => validateLease(draft),
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  table: leaseTable,
})

function dropDisabledFields({ spec }: Lease): void {
  if (!spec) return
  delete spec.strategy
  delete spec.preferredHolder
}

function validateLease({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = []
  const { leaseDurationSeconds, leaseTransitions } = spec ?? {}
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    const path = SPEC.child('leaseDurationSeconds')
    errors.push(invalidValue(path, leaseDurationSeconds, 'must be greater than 0'))
  }
  nonNegative(leaseTransitions, SPEC.child('leaseTransitions'), errors)
  return errors
}
