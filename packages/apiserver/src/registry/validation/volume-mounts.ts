import {
  type Container,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  notFoundValue,
  required,
  type Volume,
  type VolumeMount,
} from '@miniplane/api'
import { oneOf } from './object-meta.js'
import { localDescendingPath } from './paths.js'

/** `volumes` are the Pod's valid ones. */
export function validateVolumeMounts(
  container: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
  errors: FieldError[],
): void {
  const taken = new Set<string>()
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    validateMount(mount, { container, volumes, taken, path, errors }, i)
    taken.add(mount.mountPath)
  }
}

interface MountContext {
  readonly container: Container
  readonly volumes: ReadonlyMap<string, Volume>
  /** Paths of the mounts before. */
  readonly taken: ReadonlySet<string>
  /** Of the list. */
  readonly path: FieldPath
  readonly errors: FieldError[]
}

function validateMount(
  mount: VolumeMount,
  { container, volumes, taken, path, errors }: MountContext,
  at: number,
): void {
  const { name, mountPath, subPath, subPathExpr } = mount
  const here = path.index(at)
  if (!name) errors.push(required(here.child('name'), ''))
  if (!volumes.has(name)) errors.push(notFoundValue(here.child('name'), name))
  if (!mountPath) errors.push(required(here.child('mountPath'), ''))
  if (taken.has(mountPath)) {
    errors.push(invalidValue(here.child('mountPath'), mountPath, 'must be unique'))
  }
  if (container.volumeDevices?.some((device) => device.name === name)) {
    errors.push(invalidValue(here.child('name'), name, 'must not already exist in volumeDevices'))
  }
  if (container.volumeDevices?.some((device) => device.devicePath === mountPath)) {
    const detail = 'must not already exist as a path in volumeDevices'
    errors.push(invalidValue(here.child('mountPath'), mountPath, detail))
  }
  // From here on the real server names the list and not the mount.
  if (subPath) localDescendingPath(subPath, path.child('subPath'), errors)
  if (subPathExpr) {
    if (subPath) {
      const detail = 'subPathExpr and subPath are mutually exclusive'
      errors.push(invalidValue(here.child('subPathExpr'), subPathExpr, detail))
    }
    localDescendingPath(subPathExpr, path.child('subPathExpr'), errors)
  }
  validatePropagation(mount, container, path.child('mountPropagation'), errors)
  validateRecursiveReadOnly(mount, path.child('recursiveReadOnly'), errors)
}

function validatePropagation(
  { mountPropagation }: VolumeMount,
  { securityContext }: Container,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (mountPropagation === undefined) return
  oneOf(mountPropagation, ['Bidirectional', 'HostToContainer', 'None'], path, errors)
  if (mountPropagation === 'Bidirectional' && !securityContext?.privileged) {
    const detail = 'Bidirectional mount propagation is available only to privileged containers'
    errors.push(forbiddenField(path, detail))
  }
}

function validateRecursiveReadOnly(
  { recursiveReadOnly, readOnly, mountPropagation }: VolumeMount,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return
  const modes = ['Disabled', 'Enabled', 'IfPossible']
  if (!oneOf(recursiveReadOnly, modes, path, errors)) return
  if (!readOnly) {
    errors.push(forbiddenField(path, 'may only be specified when readOnly is true'))
  }
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    const detail = 'may only be specified when mountPropagation is None or not specified'
    errors.push(forbiddenField(path, detail))
  }
}

export function validateVolumeDevices(
  container: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!container.volumeDevices) return
  const names = new Set<string>()
  const paths = new Set<string>()
  for (const [i, { name, devicePath }] of container.volumeDevices.entries()) {
    const at = path.index(i)
    const volume = volumes.get(name)
    if (!name) errors.push(required(at.child('name'), ''))
    if (names.has(name)) errors.push(invalidValue(at.child('name'), name, 'must be unique'))
    if (!volume) errors.push(notFoundValue(at.child('name'), name))
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const detail =
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
      errors.push(invalidValue(at.child('name'), name, detail))
    }
    if (!devicePath) errors.push(required(at.child('devicePath'), ''))
    if (paths.has(devicePath)) {
      errors.push(invalidValue(at.child('devicePath'), devicePath, 'must be unique'))
    }
    if (devicePath?.split('/').includes('..')) {
      const detail = "can not contain backsteps ('..')"
      errors.push(invalidValue(at.child('devicePath'), devicePath, detail))
    } else paths.add(devicePath)
    for (const mount of container.volumeMounts ?? []) {
      if (mount.name === name) {
        errors.push(invalidValue(at.child('name'), name, 'must not already exist in volumeMounts'))
      }
      if (mount.mountPath === devicePath) {
        const detail = 'must not already exist as a path in volumeMounts'
        errors.push(invalidValue(at.child('devicePath'), devicePath, detail))
      }
    }
    if (name) names.add(name)
  }
}
