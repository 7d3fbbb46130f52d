import {
  type DownwardAPIVolumeFile,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  type KeyToPath,
  type ProjectedVolumeSource,
  required,
  type ServiceAccountTokenProjection,
  type VolumeProjection,
} from '@miniplane/api'
import { validateFieldRef, validateResourceFieldRef } from './env.js'
import { fileMode, localNonReservedPath } from './paths.js'

const DOWNWARD_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
const TOKEN_SECONDS_MIN = 600
const TOKEN_SECONDS_MAX = 2 ** 32

/** Which keys become which files, `path` being the volume's source. */
export function validateItems(
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

export function validateDownwardFile(
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

/** Several sources in one folder: no two may have the same file. */
export function validateProjected(
  { defaultMode, sources }: ProjectedVolumeSource,
  path: FieldPath,
  errors: FieldError[],
): void {
  fileMode(defaultMode, path.child('defaultMode'), errors)
  const taken = new Set<string>()
  const claim = (file: string | undefined, shown: string) => {
    if (!file) return
    if (taken.has(file)) errors.push(invalidValue(path, shown, 'conflicting duplicate paths'))
    taken.add(file)
  }
  for (const [i, source] of (sources ?? []).entries()) {
    const at = path.child('sources').index(i)
    validateObjects(source, claim, at, errors)
    if (source.serviceAccountToken) validateToken(source.serviceAccountToken, path, at, errors)
    if (Object.keys(source).length > 1) {
      errors.push(forbiddenField(at, 'may not specify more than 1 volume type per source'))
    }
  }
}

type Claim = (file: string | undefined, shown: string) => void

function validateObjects(
  source: VolumeProjection,
  claim: Claim,
  path: FieldPath,
  errors: FieldError[],
): void {
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
}

function validateToken(
  { expirationSeconds = 0, path: file }: ServiceAccountTokenProjection,
  projected: FieldPath,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('serviceAccountToken', 'expirationSeconds')
  if (expirationSeconds < TOKEN_SECONDS_MIN) {
    const detail = 'may not specify a duration less than 10 minutes'
    errors.push(invalidValue(at, expirationSeconds, detail))
  } else if (expirationSeconds > TOKEN_SECONDS_MAX) {
    const detail = 'may not specify a duration larger than 2^32 seconds'
    errors.push(invalidValue(at, expirationSeconds, detail))
  }
  if (!file) errors.push(required(projected.child('path'), ''))
  else localNonReservedPath(file, projected.child('path'), errors)
}
