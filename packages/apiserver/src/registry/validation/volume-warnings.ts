import { type FieldPath, parseQuantity, type Volume } from '@miniplane/api'

/** Kinds of volumes that nobody should use any more, by field. */
const DEPRECATED_VOLUMES: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

/** Names whose path in a message is not the field's. */
const PATH_NAMES: Readonly<Record<string, string>> = { storageos: 'storageOS' }

/** `path` is that of the list. */
export function volumeWarnings(
  volumes: readonly Volume[],
  path: FieldPath,
  warnings: string[],
): void {
  for (const [i, volume] of volumes.entries()) {
    const at = path.index(i)
    warnings.push(...deprecatedVolumeWarnings(volume, at))
    const claim = volume.ephemeral?.volumeClaimTemplate
    const amount = claim?.spec.resources?.requests?.storage
    const asks = at.child('ephemeral', 'volumeClaimTemplate', 'spec', 'resources', 'requests')
    warnings.push(...fractionWarnings(amount, asks.key('storage')))
  }
  for (const volume of volumes) overlapWarnings(volume, warnings)
}

/** `source` is a volume of a Pod, or a PersistentVolume's spec. */
export function deprecatedVolumeWarnings(source: object, path: FieldPath): string[] {
  const warnings: string[] = []
  for (const kind in DEPRECATED_VOLUMES) {
    if ((source as Record<string, unknown>)[kind] === undefined) continue
    warnings.push(`${path.child(PATH_NAMES[kind] ?? kind)}: ${DEPRECATED_VOLUMES[kind]}`)
  }
  return warnings
}

/** There are no parts of bytes. */
export function fractionWarnings(amount: string | undefined, path: FieldPath): string[] {
  if (amount === undefined || parseQuantity(amount).isInteger) return []
  return [`${path}: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`]
}

interface Mapping {
  readonly path: string
}

/** Files of one volume that would be written over each other. */
function overlapWarnings(
  { name, configMap, secret, downwardAPI, projected }: Volume,
  warnings: string[],
): void {
  if (configMap?.items) {
    const what = () => `ConfigMap ${JSON.stringify(configMap.name ?? '')}`
    overlaps(name, what, paths(configMap.items), warnings)
  }
  if (secret?.items) {
    const what = () => `Secret ${JSON.stringify(secret.secretName ?? '')}`
    overlaps(name, what, paths(secret.items), warnings)
  }
  if (downwardAPI?.items) overlaps(name, () => 'DownwardAPI', paths(downwardAPI.items), warnings)
  if (projected) projectedWarnings(name, projected, warnings)
}

const paths = (items: readonly Mapping[]) => items.map(({ path }) => path)

function projectedWarnings(
  name: string,
  { sources }: NonNullable<Volume['projected']>,
  warnings: string[],
): void {
  let taken: readonly string[] = []
  for (const source of sources ?? []) {
    const files = filesOf(source)
    if (files.length === 0) {
      if (Object.keys(source).length > 0) continue
      warnings.push(`volume ${JSON.stringify(name)} (Projected) has no sources provided`)
      continue
    }
    const what = () => `Projected ${describe(source)}`
    overlaps(name, what, files, warnings)
    const own = files.length === 1 ? files : [...new Set(files)]
    const all = [...own, ...taken]
    if (all.length > 1) overlaps(name, what, all.sort(), warnings)
    taken = all.length > 1 ? [...new Set(all)] : all
  }
}

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number]

function filesOf(source: Projection): readonly string[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle } = source
  const items = configMap?.items ?? secret?.items ?? downwardAPI?.items
  if (items) return paths(items)
  if (serviceAccountToken) return [serviceAccountToken.path]
  return clusterTrustBundle ? [clusterTrustBundle.path] : []
}

function describe(source: Projection): string {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle } = source
  if (configMap?.items) return `ConfigMap ${JSON.stringify(configMap.name ?? '')}`
  if (secret?.items) return `Secret ${JSON.stringify(secret.name ?? '')}`
  if (downwardAPI?.items) return 'DownwardAPI'
  if (serviceAccountToken) return 'ServiceAccountToken'
  const bundle = clusterTrustBundle?.name ?? clusterTrustBundle?.signerName ?? ''
  return `ClusterTrustBundle ${JSON.stringify(bundle)}`
}

/** Every file whose path is that of another one, or leads through it; `what` describes the source. */
function overlaps(
  name: string,
  what: () => string,
  files: readonly string[],
  warnings: string[],
): void {
  if (files.length < 2) return
  const taken: string[] = []
  for (const file of files) {
    const one = file.endsWith('/') ? file.replace(/\/+$/, '') : file
    const other = taken.find((item) => collides(item, one))
    if (other) {
      const volume = `volume ${JSON.stringify(name)} (${what()})`
      const pair = `${JSON.stringify(one)} with ${JSON.stringify(other)}`
      warnings.push(`${volume}: overlapping paths: ${pair}`)
    }
    taken.push(one)
  }
}

const collides = (one: string, other: string) =>
  one !== '' && other !== '' && (one.startsWith(other) || other.startsWith(one))
