import { type FieldError, FieldPath, invalid, notSupported } from '@miniplane/api'
import { managerErrors } from '../field-managers/validation.js'
import type { FieldValidation } from './decode-object.js'

/** Options of a create, update or patch, from the query. */
export interface WriteOptions {
  readonly dryRun: boolean
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
}

const VALIDATIONS = new Set(['', 'Ignore', 'Warn', 'Strict'])

/**
 * Throws 422 about `CreateOptions`, `UpdateOptions` or `PatchOptions`; `own` is what is wrong for
 * this kind of write alone, and said first.
 */
export function writeOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  own: readonly FieldError[] = [],
): WriteOptions {
  if (query.size === 0 && own.length === 0) return DEFAULTS
  const fieldManager = query.get('fieldManager') ?? ''
  const fieldValidation = query.get('fieldValidation') ?? ''
  const dryRun = query.getAll('dryRun')
  const errors = [
    ...own,
    ...managerErrors(fieldManager, FieldPath.of('fieldManager')),
    ...dryRunErrors(dryRun),
    ...fieldValidationErrors(fieldValidation),
  ]
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
  return {
    dryRun: dryRun.length > 0,
    fieldManager,
    fieldValidation: (fieldValidation || 'Warn') as FieldValidation,
  }
}

const DEFAULTS: WriteOptions = { dryRun: false, fieldManager: '', fieldValidation: 'Warn' }

export function dryRunErrors(values: readonly string[]): FieldError[] {
  if (values.every((value) => value === 'All')) return []
  return [notSupported(FieldPath.of('dryRun'), values, ['All'])]
}

function fieldValidationErrors(value: string): FieldError[] {
  if (VALIDATIONS.has(value)) return []
  return [notSupported(FieldPath.of('fieldValidation'), value, ['', 'Ignore', 'Strict', 'Warn'])]
}
