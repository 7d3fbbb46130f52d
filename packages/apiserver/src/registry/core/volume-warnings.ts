import { FieldPath, type PersistentVolume, type PersistentVolumeClaim } from '@miniplane/api'
import { nodeTermWarnings } from '../validation/pod-warnings.js'
import { deprecatedVolumeWarnings, fractionWarnings } from '../validation/volume-warnings.js'

const SPEC = FieldPath.of('spec')
const ANNOTATIONS = FieldPath.of('metadata', 'annotations')
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'
const USE_CLASS = 'deprecated since v1.8; use "storageClassName" attribute instead'
const BETA_MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options'
const USE_MOUNT_OPTIONS = 'deprecated since v1.31; use "mountOptions" attribute instead'
const NO_RECYCLING =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'

/** What is allowed in a PersistentVolume and yet most likely not meant. */
export function volumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const warnings: string[] = []
  const annotations = metadata.annotations ?? {}
  if (annotations[BETA_CLASS] !== undefined) {
    warnings.push(`${ANNOTATIONS.key(BETA_CLASS)}: ${USE_CLASS}`)
  }
  if (annotations[BETA_MOUNT_OPTIONS] !== undefined) {
    warnings.push(`${ANNOTATIONS.key(BETA_MOUNT_OPTIONS)}: ${USE_MOUNT_OPTIONS}`)
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    warnings.push(`${SPEC.child('persistentVolumeReclaimPolicy')}: ${NO_RECYCLING}`)
  }
  const terms = SPEC.child('nodeAffinity', 'required', 'nodeSelectorTerms')
  for (const [i, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    warnings.push(...nodeTermWarnings(term, false, terms.index(i)))
  }
  const size = SPEC.child('capacity').key('storage')
  return [
    ...warnings,
    ...deprecatedVolumeWarnings(spec, SPEC),
    ...fractionWarnings(spec.capacity?.storage, size),
  ]
}

/** The same for a claim. */
export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  const isBeta = metadata.annotations?.[BETA_CLASS] !== undefined
  const size = SPEC.child('resources', 'requests').key('storage')
  return [
    ...(isBeta ? [`${ANNOTATIONS.key(BETA_CLASS)}: ${USE_CLASS}`] : []),
    ...fractionWarnings(spec.resources?.requests?.storage, size),
  ]
}
