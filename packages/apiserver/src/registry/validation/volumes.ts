import {
  type DownwardAPIVolumeFile,
  duplicate,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  type KeyToPath,
  type ProjectedVolumeSource,
  parseQuantity,
  required,
  type Volume,
  type VolumeProjection,
} from '@miniplane/api'
import { validateFieldRef, validateResourceFieldRef } from './env.js'
import { oneOf } from './object-meta.js'
import { fileMode, localNonReservedPath, withoutBacksteps } from './paths.js'
import { validateClaimSpec } from './volume-claims.js'

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]
const DOWNWARD_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
const TOKEN_SECONDS_MIN = 600
const TOKEN_SECONDS_MAX = 2 ** 32

type SourceKind = Exclude<keyof Volume, 'name'>
type SourceRule<K extends SourceKind> = (
  source: NonNullable<Volume[K]>,
  path: FieldPath,
  errors: FieldError[],
) => void

/** A rule for sources that merely need some fields. */
const needs =
  (...fields: string[]) =>
  (source: object, path: FieldPath, errors: FieldError[]): void => {
    for (const field of fields) {
      const held = (source as Record<string, unknown>)[field]
      if (held === undefined || held === '' || (Array.isArray(held) && held.length === 0)) {
        errors.push(required(path.child(field), ''))
      }
    }
  }

/** By source, in the order in which the real server looks at them. */
const SOURCES: { readonly [K in SourceKind]?: SourceRule<K> } = {
  emptyDir({ sizeLimit }, path, errors) {
    if (sizeLimit === undefined || parseQuantity(sizeLimit).sign() >= 0) return
    const detail = 'SizeLimit field must be a valid resource quantity'
    errors.push(forbiddenField(path.child('sizeLimit'), detail))
  },
  hostPath(source, path, errors) {
    if (!source.path) {
      errors.push(required(path.child('path'), ''))
      return
    }
    withoutBacksteps(source.path, path.child('path'), errors)
    if (source.type !== undefined) oneOf(source.type, HOST_PATH_TYPES, path.child('type'), errors)
  },
  gitRepo(source, path, errors) {
    needs('repository')(source, path, errors)
    if (source.directory) localNonReservedPath(source.directory, path.child('directory'), errors)
  },
  gcePersistentDisk: needs('pdName'),
  awsElasticBlockStore: needs('volumeID'),
  secret(source, path, errors) {
    needs('secretName')(source, path, errors)
    fileMode(source.defaultMode, path.child('defaultMode'), errors)
    validateItems(source.items, path, errors)
  },
  nfs(source, path, errors) {
    needs('server', 'path')(source, path, errors)
    if (source.path && !source.path.startsWith('/')) {
      errors.push(invalidValue(path.child('path'), source.path, 'must be an absolute path'))
    }
  },
  iscsi: needs('targetPortal', 'iqn'),
  glusterfs: needs('endpoints', 'path'),
  flocker: needs(),
  persistentVolumeClaim: needs('claimName'),
  rbd: needs('monitors', 'image'),
  cinder: needs('volumeID'),
  cephfs: needs('monitors'),
  quobyte: needs('registry', 'volume'),
  downwardAPI(source, path, errors) {
    fileMode(source.defaultMode, path.child('defaultMode'), errors)
    for (const file of source.items ?? []) validateDownwardFile(file, path, errors)
  },
  fc: needs(),
  flexVolume: needs('driver'),
  configMap(source, path, errors) {
    needs('name')(source, path, errors)
    fileMode(source.defaultMode, path.child('defaultMode'), errors)
    validateItems(source.items, path, errors)
  },
  azureFile: needs('secretName', 'shareName'),
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  azureDisk: needs('diskName', 'diskURI'),
  storageos: needs(),
  scaleIO: needs('gateway', 'system', 'volumeName'),
  projected: validateProjected,
  csi: needs('driver'),
  ephemeral({ volumeClaimTemplate }, path, errors) {
    const at = path.child('volumeClaimTemplate')
    if (!volumeClaimTemplate) errors.push(required(at, ''))
    else validateClaimSpec(volumeClaimTemplate.spec, at.child('spec'), errors)
  },
  image(source, path, errors) {
    needs('reference')(source, path, errors)
    if (source.pullPolicy) validatePullPolicy(source.pullPolicy, path.child('pullPolicy'), errors)
  },
}
const SOURCE_KINDS = Object.keys(SOURCES) as SourceKind[]

export function validatePullPolicy(
  policy: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!policy) errors.push(required(path, ''))
  else oneOf(policy, ['Always', 'IfNotPresent', 'Never'], path, errors)
}

/** Checks volumes and returns the valid ones by name: only these can be mounted. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): Map<string, Volume> {
  const valid = new Map<string, Volume>()
  for (const [i, volume] of (volumes ?? []).entries()) {
    const at = path.index(i)
    const before = errors.length
    validateSource(volume, at, errors)
    if (!volume.name) errors.push(required(at.child('name'), ''))
    else {
      for (const fault of isDns1123Label(volume.name)) {
        errors.push(invalidValue(at.child('name'), volume.name, fault))
      }
    }
    if (valid.has(volume.name)) errors.push(duplicate(at.child('name'), volume.name))
    if (errors.length === before) valid.set(volume.name, volume)
  }
  return valid
}

function validateSource(volume: Volume, path: FieldPath, errors: FieldError[]): void {
  let count = 0
  for (const kind of SOURCE_KINDS) {
    const source = volume[kind]
    if (!source) continue
    if (count++ > 0) {
      errors.push(forbiddenField(path.child(kind), 'may not specify more than 1 volume type'))
    } else (SOURCES[kind] as SourceRule<SourceKind>)(source, path.child(kind), errors)
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'))
}

function validateItems(
  items: readonly KeyToPath[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, item] of (items ?? []).entries()) {
    const at = path.child('items').index(i)
    if (!item.key) errors.push(required(at.child('key'), ''))
    if (!item.path) errors.push(required(at.child('path'), ''))
    else localNonReservedPath(item.path, at.child('path'), errors)
    fileMode(item.mode, at.child('mode'), errors)
  }
}

function validateDownwardFile(
  file: DownwardAPIVolumeFile,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!file.path) errors.push(required(path.child('path'), ''))
  localNonReservedPath(file.path ?? '', path.child('path'), errors)
  if (file.fieldRef) {
    validateFieldRef(file.fieldRef, DOWNWARD_FIELDS, path.child('fieldRef'), errors)
    if (file.resourceFieldRef) {
      const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      errors.push(invalidValue(path, 'resource', detail))
    }
  } else if (file.resourceFieldRef) {
    validateResourceFieldRef(file.resourceFieldRef, path.child('resourceFieldRef'), true, errors)
  } else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  fileMode(file.mode, path.child('mode'), errors)
}

function validateProjected(
  projected: ProjectedVolumeSource,
  path: FieldPath,
  errors: FieldError[],
): void {
  fileMode(projected.defaultMode, path.child('defaultMode'), errors)
  const taken = new Set<string>()
  for (const [i, source] of (projected.sources ?? []).entries()) {
    validateProjection(source, path, path.child('sources').index(i), taken, errors)
  }
}

function validateProjection(
  source: VolumeProjection,
  projected: FieldPath,
  path: FieldPath,
  taken: Set<string>,
  errors: FieldError[],
): void {
  const claim = (file: string | undefined, name: string) => {
    if (!file) return
    if (taken.has(file)) errors.push(invalidValue(projected, name, 'conflicting duplicate paths'))
    taken.add(file)
  }
  for (const kind of ['secret', 'configMap'] as const) {
    const from = source[kind]
    if (!from) continue
    if (!from.name) errors.push(required(path.child(kind, 'name'), ''))
    validateItems(from.items, path.child(kind), errors)
    for (const item of from.items ?? []) claim(item.path, from.name ?? '')
  }
  for (const file of source.downwardAPI?.items ?? []) {
    validateDownwardFile(file, path.child('downwardAPI'), errors)
    claim(file.path, file.path)
  }
  if (source.serviceAccountToken) {
    const { expirationSeconds = 0, path: file } = source.serviceAccountToken
    const at = path.child('serviceAccountToken', 'expirationSeconds')
    if (expirationSeconds < TOKEN_SECONDS_MIN) {
      errors.push(
        invalidValue(at, expirationSeconds, 'may not specify a duration less than 10 minutes'),
      )
    } else if (expirationSeconds > TOKEN_SECONDS_MAX) {
      errors.push(
        invalidValue(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'),
      )
    }
    if (!file) errors.push(required(projected.child('path'), ''))
    else localNonReservedPath(file, projected.child('path'), errors)
  }
  if (Object.keys(source).length > 1) {
    errors.push(forbiddenField(path, 'may not specify more than 1 volume type'))
  }
}
