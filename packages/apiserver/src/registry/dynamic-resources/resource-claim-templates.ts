import {
  type FieldError,
  FieldPath,
  invalidValue,
  type ResourceClaimTemplate,
  semanticEqual,
} from '@miniplane/api'
import { defineStrategy } from '../strategy.js'
import { goForm } from '../validation/go-struct.js'
import { validateTemplateMeta } from '../validation/volumes.js'
import { claimSpecStruct } from './claim-go-struct.js'
import { setDeviceClaimDefaults, validateAdminAccess, validateDeviceClaim } from './claim-spec.js'

const SPEC = FieldPath.of('spec')

export const resourceClaimTemplates = defineStrategy<ResourceClaimTemplate>({
  setDefaults: ({ spec }) => setDeviceClaimDefaults(spec.spec?.devices),
  validate(draft, context) {
    const errors: FieldError[] = []
    // The path is that of a claim, in the real server too.
    const path = SPEC.child('devices')
    validateAdminAccess(draft.spec.spec.devices, draft.metadata.namespace, path, errors, context)
    return [...errors, ...validateTemplate(draft)]
  },
  validateUpdate(draft, stored) {
    const errors = validateTemplate(draft)
    if (semanticEqual(draft.spec, stored.spec)) return errors
    const form = { ...draft.spec.metadata, Spec: goForm(draft.spec.spec, claimSpecStruct) }
    return [...errors, invalidValue(SPEC, form, 'field is immutable')]
  },
  returnsDeletedObject: true,
})

function validateTemplate({ spec }: ResourceClaimTemplate): FieldError[] {
  const errors: FieldError[] = []
  validateTemplateMeta(spec.metadata, SPEC.child('metadata'), errors)
  validateDeviceClaim(spec.spec.devices, SPEC.child('spec', 'devices'), errors)
  return errors
}
