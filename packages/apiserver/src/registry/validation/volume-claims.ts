import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  type PersistentVolumeClaimSpec,
  parseQuantity,
  required,
} from '@miniplane/api'
import { validateLabelSelector } from './label-selector.js'
import { oneOf } from './object-meta.js'

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

export function validateAccessModes(
  modes: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const mode of modes) oneOf(mode, ACCESS_MODES, path, errors)
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'))
  }
}

export function validateVolumeMode(
  mode: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (mode !== undefined) oneOf(mode, ['Block', 'Filesystem'], path, errors)
}

/** What a claim asks for: of a PersistentVolumeClaim, or of a template for one. */
export function validateClaimSpec(
  spec: PersistentVolumeClaimSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const modes = spec.accessModes ?? []
  if (modes.length === 0) {
    errors.push(required(path.child('accessModes'), 'at least 1 access mode is required'))
  }
  validateLabelSelector(spec.selector, path.child('selector'), errors)
  validateAccessModes(modes, path.child('accessModes'), errors)
  validateStorage(spec.resources?.requests?.storage, path.child('resources'), errors)
  if (spec.storageClassName) {
    for (const fault of isDns1123Subdomain(spec.storageClassName)) {
      errors.push(invalidValue(path.child('storageClassName'), spec.storageClassName, fault))
    }
  }
  validateVolumeMode(spec.volumeMode, path.child('volumeMode'), errors)
  validateDataSources(spec, path, errors)
  if (spec.volumeAttributesClassName) {
    const name = spec.volumeAttributesClassName
    for (const fault of isDns1123Subdomain(name)) {
      errors.push(invalidValue(path.child('volumeAttributesClassName'), name, fault))
    }
  }
}

/** Two fields for one thing: the second can also point into another namespace. */
function validateDataSources(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (dataSource) validateDataSource(dataSource, path.child('dataSource'), errors)
  if (!dataSourceRef) return
  const at = path.child('dataSourceRef')
  validateDataSource(dataSourceRef, at, errors)
  const { namespace } = dataSourceRef
  if (namespace) {
    for (const fault of isDns1123Label(namespace)) {
      errors.push(invalidValue(at.child('namespace'), namespace, fault))
    }
  }
  if (!dataSource) return
  // The real server shows an object there whose fields it does not export.
  const refuse = (detail: string) => errors.push(invalidValue(path, {}, detail))
  if (namespace) refuse('may not be specified when dataSourceRef.namespace is specified')
  else if (
    dataSource.apiGroup !== dataSourceRef.apiGroup ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  ) {
    refuse('must match dataSourceRef')
  }
}

function validateDataSource(
  { apiGroup, kind, name }: { apiGroup?: string | null; kind: string; name: string },
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!name) errors.push(required(path.child('name'), ''))
  if (!kind) errors.push(required(path.child('kind'), ''))
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
    errors.push(invalidValue(path, kind, detail))
  }
  for (const fault of apiGroup ? isDns1123Subdomain(apiGroup) : []) {
    errors.push(invalidValue(path.child('apiGroup'), apiGroup, fault))
  }
}

function validateStorage(storage: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (storage === undefined) errors.push(required(path.key('storage'), ''))
  else positiveQuantity(storage, path.key('storage'), errors)
}

export function positiveQuantity(quantity: string, path: FieldPath, errors: FieldError[]): void {
  if (parseQuantity(quantity).sign() <= 0) {
    errors.push(invalidValue(path, quantity, 'must be greater than zero'))
  }
}
