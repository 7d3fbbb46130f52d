import { encodeJsonText } from '../json/encode.js'
import type { FieldError, FieldErrorType, FieldPath } from './field-error.js'
import { goQuote } from './go-quote.js'

type Path = FieldPath | string

const WORDS: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
}

/** In place of a value that a message must not show. */
export const OMIT_VALUE: unique symbol = Symbol('omitted value')

/** `value` is shown unless `OMIT_VALUE`; an empty `detail` adds nothing. */
function fieldError(type: FieldErrorType, path: Path, value: unknown, detail: string): FieldError {
  const shown = value === OMIT_VALUE ? '' : `: ${goValue(value)}`
  const message = `${WORDS[type]}${shown}${detail === '' ? '' : `: ${detail}`}`
  return { type, field: String(path), message }
}

/** Strings quoted as Go quotes them, numbers and booleans bare, everything else as JSON. */
export function goValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value)
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'object') return encodeJsonText(value)
  return String(value)
}

export function required(path: Path, detail = ''): FieldError {
  return fieldError('FieldValueRequired', path, OMIT_VALUE, detail)
}

export function invalidValue(path: Path, value: unknown, detail: string): FieldError {
  return fieldError('FieldValueInvalid', path, value, detail)
}

/** For JSON of the wrong type, as schemas report it. */
export function typeInvalid(path: Path, value: unknown, detail: string): FieldError {
  return fieldError('FieldValueTypeInvalid', path, value, detail)
}

export function duplicate(path: Path, value: unknown): FieldError {
  return fieldError('FieldValueDuplicate', path, value, '')
}

/** `validValues` are shown in the order given; the real server mostly sorts them. */
export function notSupported(
  path: Path,
  value: unknown,
  validValues: readonly string[],
): FieldError {
  const list = validValues.map((valid) => goQuote(valid)).join(', ')
  return fieldError('FieldValueNotSupported', path, value, list && `supported values: ${list}`)
}

export function forbiddenField(path: Path, detail: string): FieldError {
  return fieldError('FieldValueForbidden', path, OMIT_VALUE, detail)
}

/** The value itself is never shown, it is long. A negative `maxBytes` gives no number. */
export function tooLong(path: Path, _value: unknown, maxBytes: number): FieldError {
  const unit = maxBytes === 1 ? 'byte' : 'bytes'
  const detail = maxBytes >= 0 ? `may not be more than ${maxBytes} ${unit}` : 'value is too long'
  return fieldError('FieldValueTooLong', path, OMIT_VALUE, detail)
}

export function tooMany(path: Path, actual: number, max: number): FieldError {
  const unit = max === 1 ? 'item' : 'items'
  const detail = max >= 0 ? `must have at most ${max} ${unit}` : 'has too many items'
  return fieldError('FieldValueTooMany', path, actual, detail)
}

export function notFoundValue(path: Path, value: unknown): FieldError {
  return fieldError('FieldValueNotFound', path, value, '')
}

export function internalFieldError(path: Path, error: unknown): FieldError {
  const detail = error instanceof Error ? error.message : String(error)
  return fieldError('InternalError', path, OMIT_VALUE, detail)
}

/** `path: message`, as a list of errors shows each. */
export function fieldErrorText({ field, message }: FieldError): string {
  return `${field}: ${message}`
}
