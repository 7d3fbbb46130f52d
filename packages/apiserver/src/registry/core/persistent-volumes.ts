import {
  type FieldError,
  FieldPath,
  forbiddenField,
  formatTime,
  invalidValue,
  isDns1123Subdomain,
  notSupported,
  type PersistentVolume,
  type PersistentVolumeSpec,
  required,
  semanticEqual,
} from '@miniplane/api'
import { volumeTable } from '../columns/core.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { validateNodeSelector } from '../validation/affinity.js'
import { type GoStruct, goForm, pointer } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import { oneOf } from '../validation/object-meta.js'
import { withoutBacksteps } from '../validation/paths.js'
import { unifiedDiff } from '../validation/unified-diff.js'
import {
  positiveQuantity,
  validateAccessModes,
  validateVolumeMode,
} from '../validation/volume-claims.js'

const SPEC = FieldPath.of('spec')
const POLICIES = ['Delete', 'Recycle', 'Retain']

/** Where a volume is; the order is that of the internal form. */
const SOURCES = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'hostPath',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'flexVolume',
  'cinder',
  'cephfs',
  'fc',
  'flocker',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof PersistentVolumeSpec)[]
const sourceStruct: GoStruct = {
  GCEPersistentDisk: null,
  AWSElasticBlockStore: null,
  HostPath: pointer({ Path: '', Type: null }),
  Glusterfs: null,
  NFS: pointer({ Server: '', Path: '', ReadOnly: false }),
  RBD: null,
  Quobyte: null,
  ISCSI: null,
  FlexVolume: null,
  Cinder: null,
  CephFS: null,
  FC: null,
  Flocker: null,
  AzureFile: null,
  VsphereVolume: null,
  AzureDisk: null,
  PhotonPersistentDisk: null,
  PortworxVolume: null,
  ScaleIO: null,
  Local: pointer({ Path: '', FSType: null }),
  StorageOS: null,
  CSI: null,
}

export const persistentVolumes = defineStrategy<PersistentVolume>({
  setDefaults({ spec, status }) {
    spec.persistentVolumeReclaimPolicy ||= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    if (spec.hostPath) spec.hostPath.type ??= ''
    status.phase ||= 'Pending'
  },
  prepareForCreate(draft, { clock }) {
    draft.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(clock.now()) }
  },
  validate: ({ spec }) => validateVolume(spec),
  validateUpdate(draft, stored) {
    const errors = validateVolume(draft.spec)
    const [after, before] = [sourcesOf(draft.spec), sourcesOf(stored.spec)]
    if (!semanticEqual(after, before)) {
      const text = (spec: object) => JSON.stringify(goForm(spec, sourceStruct), null, 1)
      const detail = 'spec.persistentvolumesource is immutable after creation'
      const diff = unifiedDiff(text(before), text(after))
      errors.push(forbiddenField(SPEC.child('persistentvolumesource'), `${detail}\n${diff}`))
    }
    immutableField(
      draft.spec.volumeMode,
      stored.spec.volumeMode,
      FieldPath.of('volumeMode'),
      errors,
    )
    if (stored.spec.nodeAffinity) {
      const at = FieldPath.of('nodeAffinity')
      immutableField(draft.spec.nodeAffinity, stored.spec.nodeAffinity, at, errors)
    }
    return errors
  },
  returnsDeletedObject: true,
  table: volumeTable,
  subresources: {
    status: statusSubresource<PersistentVolume>({
      prepare({ status }, stored, { clock }) {
        if (status.phase === stored.status.phase) return
        if (status.lastPhaseTransitionTime !== stored.status.lastPhaseTransitionTime) return
        status.lastPhaseTransitionTime = formatTime(clock.now())
      },
    }),
  },
})

const sourcesOf = (spec: PersistentVolumeSpec): Partial<PersistentVolumeSpec> =>
  Object.fromEntries(SOURCES.filter((kind) => spec[kind]).map((kind) => [kind, spec[kind]]))

function validateVolume(spec: PersistentVolumeSpec): FieldError[] {
  const errors: FieldError[] = []
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(SPEC.child('accessModes'), ''))
  validateAccessModes(modes, SPEC.child('accessModes'), errors)
  validateCapacity(spec.capacity, errors)
  const policyPath = SPEC.child('persistentVolumeReclaimPolicy')
  if (spec.persistentVolumeReclaimPolicy) {
    oneOf(spec.persistentVolumeReclaimPolicy, POLICIES, policyPath, errors)
  }
  const affinity = spec.nodeAffinity?.required
  if (affinity) validateNodeSelector(affinity, SPEC.child('nodeAffinity', 'required'), errors)
  validateSources(spec, errors)
  if (spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    errors.push(forbiddenField(policyPath, "may not be 'recycle' for a hostPath mount of '/'"))
  }
  if (spec.storageClassName) {
    for (const fault of isDns1123Subdomain(spec.storageClassName)) {
      errors.push(invalidValue(SPEC.child('storageClassName'), spec.storageClassName, fault))
    }
  }
  validateVolumeMode(spec.volumeMode, SPEC.child('volumeMode'), errors)
  return errors
}

function validateCapacity(
  capacity: Record<string, string> | undefined,
  errors: FieldError[],
): void {
  const path = SPEC.child('capacity')
  const names = Object.keys(capacity ?? {})
  if (names.length === 0) errors.push(required(path, ''))
  if (capacity?.storage === undefined || names.length > 1) {
    errors.push(notSupported(path, capacity ?? null, ['storage']))
  }
  for (const name of names) {
    if (name === 'storage') positiveQuantity(capacity?.[name] ?? '0', path.key(name), errors)
  }
}

function validateSources(spec: PersistentVolumeSpec, errors: FieldError[]): void {
  const given = SOURCES.filter((kind) => spec[kind])
  for (const kind of given.slice(1)) {
    errors.push(forbiddenField(SPEC.child(kind), 'may not specify more than 1 volume type'))
  }
  if (given.length === 0) errors.push(required(SPEC, 'must specify a volume type'))
  for (const kind of ['hostPath', 'local'] as const) {
    const source = spec[kind]
    if (!source) continue
    if (!source.path) errors.push(required(SPEC.child(kind, 'path'), ''))
    else withoutBacksteps(source.path, SPEC.child(kind, 'path'), errors)
  }
  if (spec.local && !spec.nodeAffinity?.required) {
    errors.push(required(SPEC.child('nodeAffinity'), 'Local volume requires node affinity'))
  }
}
