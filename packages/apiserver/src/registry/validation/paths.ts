import { type FieldError, type FieldPath, invalidValue } from '@miniplane/api'

/** No part of the path may be `..`. */
export function withoutBacksteps(value: string, path: FieldPath, errors: FieldError[]): void {
  if (value.split('/').includes('..')) {
    errors.push(invalidValue(path, value, "must not contain '..'"))
  }
}

/** A path below wherever it is put. */
export function localDescendingPath(value: string, path: FieldPath, errors: FieldError[]): void {
  if (value.startsWith('/')) errors.push(invalidValue(path, value, 'must be a relative path'))
  withoutBacksteps(value, path, errors)
}

/** Names that begin with `..` are the kubelet's own. */
export function localNonReservedPath(value: string, path: FieldPath, errors: FieldError[]): void {
  localDescendingPath(value, path, errors)
  if (value.startsWith('..') && !value.startsWith('../')) {
    errors.push(invalidValue(path, value, "must not start with '..'"))
  }
}

/** File mode bits. */
export function fileMode(mode: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return
  const detail = 'must be a number between 0 and 0777 (octal), both inclusive'
  errors.push(invalidValue(path, mode, detail))
}
