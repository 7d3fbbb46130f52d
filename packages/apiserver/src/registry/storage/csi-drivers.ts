import {
  type CSIDriver,
  duplicate,
  type FieldError,
  FieldPath,
  invalidValue,
  semanticEqual,
} from '@miniplane/api'
import { csiDriverTable } from '../columns/storage.js'
import { followGeneration } from '../generation.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { oneOf } from '../validation/object-meta.js'

const SPEC = FieldPath.of('spec')
const PERIOD_SECONDS_MIN = 10
const TOKEN_SECONDS_MIN = 600
const TOKEN_SECONDS_MAX = 2 ** 32
const IN_SECRETS_UNSET =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'

export const csiDrivers = defineStrategy<CSIDriver>({
  setDefaults({ spec }) {
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  // A driver begins without a generation; changes are counted from nothing.
  prepareForUpdate: (draft, stored) => followGeneration(draft, stored),
  validate: validateDriver,
  validateUpdate(draft, stored) {
    const errors = validateDriver(draft)
    const [after, before] = [draft.spec, stored.spec]
    // This path is spelled so by the real server.
    immutableField(
      after.attachRequired,
      before.attachRequired,
      SPEC.child('attachedRequired'),
      errors,
    )
    immutableField(
      after.volumeLifecycleModes,
      before.volumeLifecycleModes,
      SPEC.child('volumeLifecycleModes'),
      errors,
    )
    return errors
  },
  warningsOnCreate: tokenWarnings,
  warningsOnUpdate: (draft, stored) =>
    semanticEqual(draft.spec.tokenRequests, stored.spec.tokenRequests) ? [] : tokenWarnings(draft),
  returnsDeletedObject: true,
  table: csiDriverTable,
})

function tokenWarnings({ spec }: CSIDriver): string[] {
  const isUnset = spec.tokenRequests?.length && spec.serviceAccountTokenInSecrets === undefined
  return isUnset ? [IN_SECRETS_UNSET] : []
}

function validateDriver({ spec }: CSIDriver): FieldError[] {
  const errors: FieldError[] = []
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
  oneOf(spec.fsGroupPolicy, policies, SPEC.child('fsGroupPolicy'), errors)
  validateTokenRequests(spec, errors)
  for (const mode of spec.volumeLifecycleModes ?? []) {
    oneOf(mode, ['Persistent', 'Ephemeral'], SPEC.child('volumeLifecycleModes'), errors)
  }
  const period = spec.nodeAllocatableUpdatePeriodSeconds
  if (period !== undefined && period < PERIOD_SECONDS_MIN) {
    const detail = `must be greater than or equal to ${PERIOD_SECONDS_MIN} seconds`
    errors.push(invalidValue(SPEC.child('nodeAllocatableUpdatePeriodSeconds'), period, detail))
  }
  const inSecrets = spec.serviceAccountTokenInSecrets
  if (inSecrets !== undefined && !spec.tokenRequests?.length) {
    const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    errors.push(invalidValue(SPEC.child('serviceAccountTokenInSecrets'), inSecrets, detail))
  }
  return errors
}

function validateTokenRequests({ tokenRequests }: CSIDriver['spec'], errors: FieldError[]): void {
  const audiences = new Set<string>()
  for (const [i, { audience, expirationSeconds }] of (tokenRequests ?? []).entries()) {
    const path = SPEC.child('tokenRequests').index(i)
    if (audiences.has(audience)) {
      errors.push(duplicate(path.child('audience'), audience))
      continue
    }
    audiences.add(audience)
    if (expirationSeconds === undefined) continue
    const at = path.child('expirationSeconds')
    if (expirationSeconds < TOKEN_SECONDS_MIN) {
      const detail = 'may not specify a duration less than 10 minutes'
      errors.push(invalidValue(at, expirationSeconds, detail))
    } else if (expirationSeconds > TOKEN_SECONDS_MAX) {
      const detail = 'may not specify a duration larger than 2^32 seconds'
      errors.push(invalidValue(at, expirationSeconds, detail))
    }
  }
}
