import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  notSupported,
  type PersistentVolumeSpec,
  parseQuantity,
  required,
} from '@miniplane/api'
import { validateNodeSelector } from './affinity.js'
import { oneOf } from './object-meta.js'
import { withoutBacksteps } from './paths.js'
import { positiveQuantity, validateAccessModes, validateVolumeMode } from './volume-claims.js'
import {
  innerPath,
  SHARED_RULES,
  type SharedKind,
  type SourceContext,
  secondSource,
  validateDriverName,
} from './volume-sources.js'

const POLICIES = ['Delete', 'Recycle', 'Retain']

/** In the order in which the real server looks at them. */
const SOURCE_KINDS = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof PersistentVolumeSpec)[]

/** `name` is that of the volume. */
export function validateVolumeSpec(
  spec: PersistentVolumeSpec,
  name: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(path.child('accessModes'), ''))
  validateAccessModes(modes, path.child('accessModes'), errors)
  validateCapacity(spec.capacity, path.child('capacity'), errors)
  const policyPath = path.child('persistentVolumeReclaimPolicy')
  if (spec.persistentVolumeReclaimPolicy) {
    oneOf(spec.persistentVolumeReclaimPolicy, POLICIES, policyPath, errors)
  }
  if (spec.nodeAffinity) {
    const at = path.child('nodeAffinity', 'required')
    if (!spec.nodeAffinity.required) {
      errors.push(required(at, 'must specify required node constraints'))
    } else validateNodeSelector(spec.nodeAffinity.required, at, errors)
  }
  validateSource(spec, name, path, errors)
  if (isRoot(spec.hostPath?.path) && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    errors.push(forbiddenField(policyPath, "may not be 'recycle' for a hostPath mount of '/'"))
  }
  validateClasses(spec, path, errors)
  validateVolumeMode(spec.volumeMode, path.child('volumeMode'), errors)
  if (spec.volumeAttributesClassName !== undefined && !spec.csi) {
    const detail = 'has to be specified when using volumeAttributesClassName'
    errors.push(required(path.child('csi'), detail))
  }
}

/** However it is written: `/`, `//`, `/./`. */
const isRoot = (path: string | undefined) => path !== undefined && /^\/[/.]*$/.test(path)

/** A volume that stands in a VolumeAttachment: CSI only, and with nothing that binds it. */
export function validateInlineVolume(
  spec: PersistentVolumeSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const outOfPlace = 'may not be specified in the context of inline volumes'
  for (const field of ['claimRef', 'capacity'] as const) {
    if (spec[field]) errors.push(forbiddenField(path.child(field), outOfPlace))
  }
  if (!spec.csi) {
    const detail = 'has to be specified in the context of inline volumes'
    errors.push(required(path.child('csi'), detail))
  }
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(path.child('accessModes'), ''))
  validateAccessModes(modes, path.child('accessModes'), errors)
  if ((spec.persistentVolumeReclaimPolicy ?? 'Retain') !== 'Retain') {
    const detail = 'may only be Retain in the context of inline volumes'
    errors.push(forbiddenField(path.child('persistentVolumeReclaimPolicy'), detail))
  }
  if (spec.nodeAffinity) errors.push(forbiddenField(path.child('nodeAffinity'), outOfPlace))
  validateSource(spec, '', path, errors)
  if (spec.storageClassName) errors.push(forbiddenField(path.child('storageClassName'), outOfPlace))
  if ((spec.volumeMode ?? 'Filesystem') !== 'Filesystem') {
    const detail =
      'may not specify volumeMode other than Filesystem in the context of inline volumes'
    errors.push(forbiddenField(path.child('volumeMode'), detail))
  }
}

function validateCapacity(
  capacity: Record<string, string> | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const names = Object.keys(capacity ?? {})
  if (names.length === 0) errors.push(required(path, ''))
  if (capacity?.storage === undefined || names.length > 1) {
    errors.push(notSupported(path, capacity ?? null, ['storage']))
  }
  for (const name of names) {
    const amount = capacity?.[name] ?? '0'
    if (parseQuantity(amount).sign() < 0) {
      const whole = parseQuantity(amount).value()
      errors.push(invalidValue(path.key(name), whole, 'must be a valid resource quantity'))
    }
    positiveQuantity(amount, path.key(name), errors)
  }
}

function validateClasses(spec: PersistentVolumeSpec, path: FieldPath, errors: FieldError[]): void {
  if (spec.volumeAttributesClassName === '') {
    const at = path.child('volumeAttributesClassName')
    errors.push(required(at, 'an empty string is disallowed'))
  }
  for (const field of ['storageClassName', 'volumeAttributesClassName'] as const) {
    const name = spec[field]
    if (!name) continue
    for (const fault of isDns1123Subdomain(name)) {
      errors.push(invalidValue(path.child(field), name, fault))
    }
  }
}

function validateSource(
  spec: PersistentVolumeSpec,
  name: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const [first, ...others] = SOURCE_KINDS.filter((kind) => spec[kind])
  if (first === undefined) {
    errors.push(required(path, 'must specify a volume type'))
    return
  }
  const at = path.child(innerPath(first))
  if (first === 'local') validateLocal(spec, path, errors)
  else if (first === 'csi') validateCsi(spec, at, errors)
  else {
    const context = { path: at, volumePath: path, volumeName: name, isPersistent: true, errors }
    RULES[first](spec[first], context)
  }
  for (const kind of others) errors.push(secondSource(kind, path))
}

// A rule is only ever handed the source that it is registered for.
const RULES = SHARED_RULES as Record<SharedKind, (source: unknown, context: SourceContext) => void>

function validateLocal(
  { local, nodeAffinity }: PersistentVolumeSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!local?.path) errors.push(required(path.child('local', 'path'), ''))
  else withoutBacksteps(local.path, path.child('local', 'path'), errors)
  if (!nodeAffinity) {
    errors.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'))
  }
}

const SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const

function validateCsi({ csi }: PersistentVolumeSpec, path: FieldPath, errors: FieldError[]): void {
  if (!csi) return
  validateDriverName(csi.driver, path.child('driver'), errors)
  if (!csi.volumeHandle) errors.push(required(path.child('volumeHandle'), ''))
  for (const field of SECRETS) {
    const secret = csi[field]
    if (!secret) continue
    const at = path.child(field)
    const parts = { name: isDns1123Subdomain, namespace: isDns1123Label }
    for (const [part, rule] of Object.entries(parts)) {
      const value = secret[part as keyof typeof parts] ?? ''
      if (!value) errors.push(required(at.child(part), ''))
      else for (const fault of rule(value)) errors.push(invalidValue(at.child(part), value, fault))
    }
  }
}
