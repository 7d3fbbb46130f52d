import {
  type FieldError,
  FieldPath,
  invalidValue,
  type ResourceClaimTemplate,
  semanticEqual,
} from '@miniplane/api'
import { defineStrategy } from '../strategy.js'
import { goForm } from '../validation/go-struct.js'
import { validateAnnotations, validateLabels } from '../validation/object-meta.js'
import { claimSpecStruct } from './claim-go-struct.js'
import { setDeviceClaimDefaults, validateAdminAccess, validateDeviceClaim } from './claim-spec.js'

const SPEC = FieldPath.of('spec')

export const resourceClaimTemplates = defineStrategy<ResourceClaimTemplate>({
  setDefaults: ({ spec }) => setDeviceClaimDefaults(spec.spec?.devices),
  validate({ metadata, spec }, context) {
    const errors: FieldError[] = []
    const claim = spec.spec.devices
    // The path is that of a claim, in the real server too.
    validateAdminAccess(claim, metadata.namespace, SPEC.child('devices'), errors, context)
    const at = SPEC.child('metadata')
    validateAnnotations(spec.metadata?.annotations, at.child('annotations'), errors)
    validateLabels(spec.metadata?.labels, at.child('labels'), errors)
    validateDeviceClaim(claim, SPEC.child('spec', 'devices'), errors)
    return errors
  },
  validateUpdate(draft, stored) {
    if (semanticEqual(draft.spec, stored.spec)) return []
    const form = { ...draft.spec.metadata, Spec: goForm(draft.spec.spec, claimSpecStruct) }
    return [invalidValue(SPEC, form, 'field is immutable')]
  },
  returnsDeletedObject: true,
})
