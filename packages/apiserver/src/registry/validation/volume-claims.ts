import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
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
  if (spec.dataSource) {
    const { apiGroup, kind, name } = spec.dataSource
    if (!name) errors.push(required(path.child('dataSource', 'name'), ''))
    if (!kind) errors.push(required(path.child('dataSource', 'kind'), ''))
    if (!apiGroup && kind && kind !== 'PersistentVolumeClaim') {
      errors.push(
        invalidValue(
          path.child('dataSource'),
          kind,
          "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
        ),
      )
    }
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
