import {
  type DeviceClass,
  type FieldError,
  FieldPath,
  invalidValue,
  semanticEqual,
} from '@miniplane/api'
import { defineStrategy } from '../strategy.js'
import { dnsSubdomainName } from '../validation/names.js'
import { isExtendedResource } from '../validation/resources.js'
import { desiredState } from '../workload.js'
import { CLAIM_PARTS_MAX } from './claim-spec.js'
import { boundedList } from './collections.js'
import { validateConfiguration, validateSelectors } from './configuration.js'

const SPEC = FieldPath.of('spec')

export const deviceClasses = defineStrategy<DeviceClass>({
  ...desiredState<DeviceClass>(),
  // What a prefix makes is looked at when it is made.
  validateName: (name, isPrefix) => (isPrefix ? [] : dnsSubdomainName(name, false)),
  validate: (draft) => validateClass(draft),
  validateUpdate: validateClass,
  returnsDeletedObject: true,
})

/** What is in the store already was good when it came there. */
function validateClass({ spec }: DeviceClass, stored?: DeviceClass): FieldError[] {
  const errors: FieldError[] = []
  const isStored = (field: 'selectors' | 'config') =>
    stored !== undefined && semanticEqual(spec[field], stored.spec[field])
  validateSelectors(spec.selectors, isStored('selectors'), SPEC.child('selectors'), errors)
  boundedList(
    spec.config,
    CLAIM_PARTS_MAX,
    (config, at) => validateConfiguration(config, isStored('config'), at, errors),
    SPEC.child('config'),
    errors,
  )
  const { extendedResourceName: name } = spec
  if (name !== undefined && !isExtendedResource(name)) {
    const detail = 'must be a valid extended resource name'
    errors.push(invalidValue(SPEC.child('extendedResourceName'), name, detail))
  }
  return errors
}
