import {
  type FieldError,
  FieldPath,
  invalidValue,
  type resourceV1,
  semanticEqual,
} from '@miniplane/api'
import { resourceClaimTable } from '../columns/cluster.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm } from '../validation/go-struct.js'
import { claimSpecStruct } from './claim-go-struct.js'
import { setDeviceClaimDefaults, validateAdminAccess, validateDeviceClaim } from './claim-spec.js'
import { dropDeallocatedDevices, validateClaimStatus } from './claim-status.js'

const SPEC = FieldPath.of('spec')

export const resourceClaims = defineStrategy<resourceV1.ResourceClaim>({
  setDefaults: ({ spec }) => setDeviceClaimDefaults(spec.devices),
  prepareForUpdate(draft, stored) {
    draft.status = stored.status
  },
  validate({ metadata, spec }, context) {
    const errors: FieldError[] = []
    const path = SPEC.child('devices')
    validateAdminAccess(spec.devices, metadata.namespace, path, errors, context)
    validateDeviceClaim(spec.devices, path, errors)
    return errors
  },
  // What can't change needs no second look.
  validateUpdate: (draft, stored) =>
    semanticEqual(draft.spec, stored.spec)
      ? []
      : [invalidValue(SPEC, goForm(draft.spec, claimSpecStruct), 'field is immutable')],
  returnsDeletedObject: true,
  table: resourceClaimTable,
  subresources: {
    status: {
      ...statusSubresource<resourceV1.ResourceClaim>({
        keep: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
        prepare: dropDeallocatedDevices,
      }),
      validateUpdate: validateClaimStatus,
    },
  },
})
