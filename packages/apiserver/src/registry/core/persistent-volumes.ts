import {
  type FieldError,
  FieldPath,
  forbiddenField,
  formatTime,
  invalidValue,
  type PersistentVolume,
  type PersistentVolumeSpec,
  semanticEqual,
} from '@miniplane/api'
import { volumeTable } from '../columns/core.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { type GoStruct, goForm, list, pointer } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import { validateVolumeSpec } from '../validation/persistent-volume-spec.js'
import { unifiedDiff } from '../validation/unified-diff.js'
import { volumeWarnings } from './volume-warnings.js'

const SPEC = FieldPath.of('spec')

const FIXED_AFFINITY = 'field is immutable, except for updating from beta label to GA'

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
const secretReference: GoStruct = { Name: '', Namespace: '' }
const sourceStruct: GoStruct = {
  GCEPersistentDisk: pointer({ PDName: '', FSType: '', Partition: 0, ReadOnly: false }),
  AWSElasticBlockStore: pointer({ VolumeID: '', FSType: '', Partition: 0, ReadOnly: false }),
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
  AzureFile: pointer({ SecretName: '', ShareName: '', ReadOnly: false, SecretNamespace: null }),
  VsphereVolume: null,
  AzureDisk: null,
  PhotonPersistentDisk: null,
  PortworxVolume: null,
  ScaleIO: null,
  Local: pointer({ Path: '', FSType: null }),
  StorageOS: null,
  CSI: pointer({
    Driver: '',
    VolumeHandle: '',
    ReadOnly: false,
    FSType: '',
    VolumeAttributes: null,
    ControllerPublishSecretRef: pointer(secretReference),
    NodeStageSecretRef: pointer(secretReference),
    NodePublishSecretRef: pointer(secretReference),
    ControllerExpandSecretRef: pointer(secretReference),
    NodeExpandSecretRef: pointer(secretReference),
  }),
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
  validate: (volume) => [...validateVolume(volume), ...validateMountOptions(volume)],
  validateUpdate(draft, stored) {
    const whole = validateVolume(draft)
    // The real server looks at the whole, and at it once more for what has changed.
    const errors = [...whole, ...validateMountOptions(draft), ...whole]
    const [after, before] = [sourcesOf(draft.spec), sourcesOf(stored.spec)]
    // A secret for growing may be named later than the volume was made.
    if (after.csi && before.csi && !before.csi.controllerExpandSecretRef) {
      const { controllerExpandSecretRef: _, ...rest } = after.csi
      after.csi = rest
    }
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
    const [affinity, kept] = [draft.spec.nodeAffinity, stored.spec.nodeAffinity]
    if (kept && !semanticEqual(affinity, kept)) {
      const form = affinity ? goForm(affinity, affinityStruct) : null
      errors.push(invalidValue(FieldPath.of('nodeAffinity'), form, FIXED_AFFINITY))
    }
    if (
      stored.spec.volumeAttributesClassName &&
      draft.spec.volumeAttributesClassName === undefined
    ) {
      const at = SPEC.child('volumeAttributesClassName')
      errors.push(forbiddenField(at, 'update from non-nil value to nil is forbidden'))
    }
    return errors
  },
  returnsDeletedObject: true,
  warningsOnCreate: volumeWarnings,
  warningsOnUpdate: (draft) => volumeWarnings(draft),
  table: volumeTable,
  subresources: {
    status: statusSubresource<PersistentVolume>({
      prepare({ status }, stored, { clock }) {
        const { lastPhaseTransitionTime: before } = stored.status
        if (status.phase === stored.status.phase) {
          if (before) status.lastPhaseTransitionTime ??= before
          return
        }
        if (status.lastPhaseTransitionTime && status.lastPhaseTransitionTime !== before) return
        status.lastPhaseTransitionTime = formatTime(clock.now())
      },
    }),
  },
})

function validateVolume({ metadata, spec }: PersistentVolume): FieldError[] {
  const errors: FieldError[] = []
  validateVolumeSpec(spec, metadata.name ?? '', SPEC, errors)
  return errors
}

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options'
const WITH_MOUNT_OPTIONS = [
  ...['gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'nfs', 'rbd', 'quobyte', 'iscsi'],
  ...['cinder', 'cephfs', 'azureFile', 'vsphereVolume', 'azureDisk', 'photonPersistentDisk'],
]

function validateMountOptions({ metadata, spec }: PersistentVolume): FieldError[] {
  if (metadata.annotations?.[MOUNT_OPTIONS] === undefined) return []
  if (WITH_MOUNT_OPTIONS.some((source) => source in spec)) return []
  const at = FieldPath.of('metadata', 'annotations', MOUNT_OPTIONS)
  return [forbiddenField(at, 'may not specify mount options for this volume type')]
}

const requirement: GoStruct = { Key: '', Operator: '', Values: null }
const affinityStruct: GoStruct = {
  Required: pointer({
    NodeSelectorTerms: list({
      MatchExpressions: list(requirement),
      MatchFields: list(requirement),
    }),
  }),
}

const sourcesOf = (spec: PersistentVolumeSpec): Partial<PersistentVolumeSpec> =>
  Object.fromEntries(SOURCES.filter((kind) => spec[kind]).map((kind) => [kind, spec[kind]]))
