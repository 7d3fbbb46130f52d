import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  type PersistentVolumeClaim,
  parseQuantity,
  required,
  semanticEqual,
} from '@miniplane/api'
import { claimTable } from '../columns/core.js'
import { setClaimSpecDefaults } from '../defaults/volumes.js'
import { copyField, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { type GoStruct, goForm, pointer, value } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import { isNativeResource, sortedNames } from '../validation/resources.js'
import { unifiedDiff } from '../validation/unified-diff.js'
import { validateClaimSpec } from '../validation/volume-claims.js'
import { claimWarnings } from './volume-warnings.js'

const SPEC = FieldPath.of('spec')
const FIXED =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'
const SMALLER = 'field can not be less than status.capacity'
const reference = { APIGroup: null, Kind: '', Name: '' } as const
const specStruct: GoStruct = {
  AccessModes: null,
  Selector: null,
  Resources: value({ Limits: null, Requests: null }),
  VolumeName: '',
  StorageClassName: null,
  VolumeMode: null,
  DataSource: pointer(reference),
  DataSourceRef: pointer({ ...reference, Namespace: null }),
  VolumeAttributesClassName: null,
}

export const persistentVolumeClaims = defineStrategy<PersistentVolumeClaim>({
  setDefaults({ spec, status }) {
    setClaimSpecDefaults(spec)
    status.phase ||= 'Pending'
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' }
    alignDataSources(draft.spec)
  },
  prepareForUpdate: (draft, stored) => alignDataSources(draft.spec, stored.spec),
  validate: ({ spec }) => {
    const errors: FieldError[] = []
    validateClaimSpec(spec, SPEC, errors)
    return errors
  },
  validateUpdate: validateClaimUpdate,
  returnsDeletedObject: true,
  warningsOnCreate: claimWarnings,
  warningsOnUpdate: (draft) => claimWarnings(draft),
  table: claimTable,
  subresources: {
    status: statusSubresource<PersistentVolumeClaim>({
      validate: validateClaimStatus,
    }),
  },
})

type ClaimSpec = PersistentVolumeClaim['spec']

/**
 * The two fields for one source say the same. Alone, the older names a claim or a snapshot or is
 * dropped; sources in other namespaces are a feature that is off by default. Source: KEP-1495.
 */
function alignDataSources(spec: ClaimSpec, stored?: ClaimSpec): void {
  const isKnown = stored?.dataSource !== undefined || stored?.dataSourceRef !== undefined
  if (spec.dataSourceRef?.namespace && !stored?.dataSourceRef) delete spec.dataSourceRef
  const { dataSource: source, dataSourceRef: reference } = spec
  if (source && !reference) {
    if (isKnown || isClaimOrSnapshot(source)) spec.dataSourceRef = { ...source }
    else delete spec.dataSource
  } else if (reference && !source && !reference.namespace) {
    const { namespace: _namespace, ...rest } = reference
    spec.dataSource = rest
  }
}

const isClaimOrSnapshot = ({ kind, apiGroup }: NonNullable<ClaimSpec['dataSource']>) =>
  apiGroup
    ? kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io'
    : kind === 'PersistentVolumeClaim'

function validateClaimUpdate(
  draft: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): FieldError[] {
  const errors: FieldError[] = []
  validateClaimSpec(draft.spec, SPEC, errors)
  const [before, after] = [{ ...stored.spec }, { ...draft.spec }]
  const isBound = stored.status.phase === 'Bound'
  // A volume may be named once; the difference shown has it on both sides.
  if (!before.volumeName) copyField(before, after, 'volumeName')
  // Once, and as long as nobody has chosen, a class may still be named.
  if (before.storageClassName === undefined) copyField(after, before, 'storageClassName')
  const [old, now] = [before.resources?.requests?.storage, draft.spec.resources?.requests?.storage]
  if (isBound && old !== undefined && now !== undefined && after.resources?.requests) {
    const requests = { ...after.resources.requests, storage: old }
    after.resources = { ...after.resources, requests }
  }
  if (isBound) copyField(after, before, 'volumeAttributesClassName')
  const classes = [stored, draft].map((one) => one.metadata.annotations?.[BETA_CLASS])
  if (classes[0] !== classes[1]) {
    // Not a key in brackets, as elsewhere.
    const at = FieldPath.of('metadata', 'annotations', BETA_CLASS)
    errors.push(invalidValue(at, classes[1] ?? '', 'field is immutable'))
  }
  if (!semanticEqual(after, before)) {
    const text = (spec: object) => JSON.stringify(goForm(spec, specStruct), null, 1)
    errors.push(forbiddenField(SPEC, `${FIXED}\n${unifiedDiff(text(before), text(after))}`))
  }
  validateShrinking(now ?? '0', old ?? '0', stored, errors)
  immutableField(draft.spec.volumeMode, before.volumeMode, FieldPath.of('volumeMode'), errors)
  if (stored.status.currentVolumeAttributesClassName && !draft.spec.volumeAttributesClassName) {
    const what = draft.spec.volumeAttributesClassName === undefined ? 'nil' : 'empty string'
    const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`
    errors.push(forbiddenField(SPEC.child('volumeAttributesClassName'), detail))
  }
  return errors
}

const RESIZE_STATES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort()

function validateClaimStatus({ spec, status }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('status')
  if (!spec.accessModes?.length) errors.push(required(FieldPath.of('Spec', 'accessModes'), ''))
  for (const field of ['capacity', 'allocatedResources'] as const) {
    for (const name of sortedNames(status[field] ?? {})) {
      const amount = status[field]?.[name] ?? '0'
      if (parseQuantity(amount).sign() >= 0) continue
      const at = path.child(field).key(name)
      errors.push(
        invalidValue(at, parseQuantity(amount).value(), 'must be a valid resource quantity'),
      )
    }
  }
  for (const name of sortedNames(status.allocatedResources ?? {})) {
    if (!isNativeResource(name) || name === 'storage') continue
    errors.push(notSupported(path.child('allocatedResources'), name, ['storage']))
  }
  const at = path.child('allocatedResourceStatuses')
  for (const name of sortedNames(status.allocatedResourceStatuses ?? {})) {
    if (isNativeResource(name) && name !== 'storage') {
      errors.push(notSupported(at, name, ['storage']))
    }
    const state = status.allocatedResourceStatuses?.[name] ?? ''
    if (!RESIZE_STATES.includes(state)) errors.push(notSupported(at, name, RESIZE_STATES))
  }
  return errors
}

/** A claim that failed to grow may ask for less again, but not for less than it has. */
function validateShrinking(
  now: string,
  old: string,
  { status }: PersistentVolumeClaim,
  errors: FieldError[],
): void {
  const has = status.capacity?.storage ?? '0'
  if (parseQuantity(now).compare(parseQuantity(old)) >= 0) return
  if (parseQuantity(now).compare(parseQuantity(has)) > 0) return
  errors.push(forbiddenField(SPEC.child('resources', 'requests', 'storage'), SMALLER))
}
