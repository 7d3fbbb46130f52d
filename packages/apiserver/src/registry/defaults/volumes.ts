import type {
  DownwardAPIVolumeFile,
  PersistentVolumeClaimSpec,
  Volume,
  VolumeProjection,
} from '@miniplane/api'
import { defaultPullPolicy } from './image.js'

const FILE_MODE = 0o644
const TOKEN_SECONDS = 3600

/** Sources with one `defaultMode` for all their files. */
const FILE_SOURCES = ['secret', 'configMap', 'downwardAPI', 'projected'] as const

export function setVolumeDefaults(volume: Volume): void {
  if (Object.keys(volume).length === 1) volume.emptyDir = {}
  for (const kind of FILE_SOURCES) {
    const source = volume[kind]
    if (source) source.defaultMode ??= FILE_MODE
  }
  if (volume.hostPath) volume.hostPath.type ??= ''
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= 'default'
  if (volume.rbd) {
    volume.rbd.pool ||= 'rbd'
    volume.rbd.user ||= 'admin'
    volume.rbd.keyring ||= '/etc/ceph/keyring'
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite'
    volume.azureDisk.kind ??= 'Shared'
    volume.azureDisk.fsType ??= 'ext4'
    volume.azureDisk.readOnly ??= false
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned'
    volume.scaleIO.fsType ||= 'xfs'
  }
  if (volume.ephemeral?.volumeClaimTemplate) {
    setClaimSpecDefaults(volume.ephemeral.volumeClaimTemplate.spec)
  }
  if (volume.image) {
    volume.image.pullPolicy ??= defaultPullPolicy(volume.image.reference ?? '')
  }
  for (const file of volume.downwardAPI?.items ?? []) setDownwardDefaults(file)
  for (const source of volume.projected?.sources ?? []) setProjectionDefaults(source)
}

function setProjectionDefaults({ serviceAccountToken, downwardAPI }: VolumeProjection): void {
  if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= TOKEN_SECONDS
  for (const file of downwardAPI?.items ?? []) setDownwardDefaults(file)
}

function setDownwardDefaults(file: DownwardAPIVolumeFile): void {
  if (file.fieldRef) file.fieldRef.apiVersion ??= 'v1'
}

export function setClaimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
}
