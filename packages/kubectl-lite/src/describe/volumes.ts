import type { Volume, VolumeProjection } from '@miniplane/api'
import type { DescribeWriter } from './writer.js'

export function writeVolumes(
  writer: DescribeWriter,
  volumes: readonly Volume[] | undefined,
  indent = '',
): void {
  if (!volumes || volumes.length === 0) {
    writer.line(0, `${indent}Volumes:\t<none>`)
    return
  }
  writer.line(0, `${indent}Volumes:`)
  for (const volume of volumes) {
    writer.line(1, `${indent === '' ? '' : ' '}${volume.name}:`)
    writeSource(writer, volume)
  }
}

type Fields = readonly (readonly [string, string | number | boolean | undefined])[]

function writeSource(writer: DescribeWriter, volume: Volume): void {
  const { downwardAPI, projected } = volume
  if (downwardAPI) {
    writer.field('Type', 'DownwardAPI (a volume populated by information about the pod)', 2)
    writer.line(2, 'Items:')
    for (const { fieldRef, resourceFieldRef, path } of downwardAPI.items ?? []) {
      writer.line(3, `${fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? ''} -> ${path}`)
    }
  } else if (projected) {
    writer.field(
      'Type',
      'Projected (a volume that contains injected data from multiple sources)',
      2,
    )
    for (const source of projected.sources ?? []) writeProjection(writer, source)
  } else {
    writeFields(writer, simpleSource(volume), 2)
    if (volume.csi) writeVolumeAttributes(writer, volume.csi.volumeAttributes)
  }
}

/** What a driver is told; each line is indented once more, as kubectl does. */
export function writeVolumeAttributes(
  writer: DescribeWriter,
  attributes: Readonly<Record<string, string>> | undefined,
): void {
  const lines = Object.entries(attributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  const [first = '<none>', ...rest] = lines
  writer.raw(`    VolumeAttributes:\t${lines.length === 0 ? '' : '    '}${first}\n`)
  for (const line of rest) writer.raw(`        \t    ${line}\n`)
}

export function writeFields(writer: DescribeWriter, fields: Fields, level: number): void {
  for (const [title, value] of fields) writer.field(title, value, level)
}

/** Sources that are a type and a few fields. */
export function simpleSource(volume: Partial<Volume>): Fields {
  const { hostPath, emptyDir, secret, configMap, persistentVolumeClaim, nfs, csi, image } = volume
  if (hostPath) {
    return [
      ['Type', 'HostPath (bare host directory volume)'],
      ['Path', hostPath.path],
      ['HostPathType', hostPath.type ?? '<none>'],
    ]
  }
  if (emptyDir) {
    return [
      ['Type', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
      ['Medium', emptyDir.medium ?? ''],
      ['SizeLimit', emptyDir.sizeLimit ?? '<unset>'],
    ]
  }
  if (secret) {
    return [
      ['Type', 'Secret (a volume populated by a Secret)'],
      ['SecretName', secret.secretName],
      ['Optional', secret.optional ?? false],
    ]
  }
  if (configMap) {
    return [
      ['Type', 'ConfigMap (a volume populated by a ConfigMap)'],
      ['Name', configMap.name],
      ['Optional', configMap.optional ?? false],
    ]
  }
  if (persistentVolumeClaim) {
    return [
      [
        'Type',
        'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      ],
      ['ClaimName', persistentVolumeClaim.claimName],
      ['ReadOnly', persistentVolumeClaim.readOnly ?? false],
    ]
  }
  if (nfs) {
    return [
      ['Type', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
      ['Server', nfs.server],
      ['Path', nfs.path],
      ['ReadOnly', nfs.readOnly ?? false],
    ]
  }
  if (csi) {
    return [
      ['Type', 'CSI (a Container Storage Interface (CSI) volume source)'],
      ['Driver', csi.driver],
      ['FSType', csi.fsType ?? ''],
      ['ReadOnly', csi.readOnly ?? false],
    ]
  }
  if (image) {
    return [
      ['Type', 'Image (a container image or OCI artifact)'],
      ['Reference', image.reference],
      ['PullPolicy', image.pullPolicy],
    ]
  }
  return [['Type', '<unknown>']]
}

function writeProjection(writer: DescribeWriter, source: VolumeProjection): void {
  const { secret, downwardAPI, configMap, serviceAccountToken } = source
  if (secret) {
    writer.field('SecretName', secret.name, 2)
    writer.field('Optional', secret.optional ?? false, 2)
  } else if (downwardAPI) writer.field('DownwardAPI', true, 2)
  else if (configMap) {
    writer.field('ConfigMapName', configMap.name, 2)
    writer.field('Optional', configMap.optional ?? false, 2)
  } else if (serviceAccountToken) {
    writer.field('TokenExpirationSeconds', serviceAccountToken.expirationSeconds, 2)
  }
}
