import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isCIdentifier,
  isDns1123Label,
  isDns1123Subdomain,
  required,
  tooLong,
} from '@miniplane/api'
import { validateDriverName } from '../validation/volume-sources.js'

const DRIVER_BYTES_MAX = 63
const POOL_BYTES_MAX = 253
const IDENTIFIER_BYTES_MAX = 32
/** Domain, slash and identifier. */
export const QUALIFIED_NAME_BYTES_MAX = DRIVER_BYTES_MAX + 1 + IDENTIFIER_BYTES_MAX

const NOT_A_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

function each(
  value: string,
  rule: (value: string) => string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const fault of rule(value)) errors.push(invalidValue(path, value, fault))
}

/** Names of devices, requests and counters. */
export function labelName(value: string, path: FieldPath, errors: FieldError[]): void {
  each(value, isDns1123Label, path, errors)
}

export function subdomainName(value: string, path: FieldPath, errors: FieldError[]): void {
  each(value, isDns1123Subdomain, path, errors)
}

/** Subdomains with slashes between them. */
export function poolName(value: string, path: FieldPath, errors: FieldError[]): void {
  if (!value) {
    errors.push(required(path, ''))
    return
  }
  if (value.length > POOL_BYTES_MAX) errors.push(tooLong(path, value, POOL_BYTES_MAX))
  for (const part of value.split('/')) each(part, isDns1123Subdomain, path, errors)
}

function identifier(value: string, path: FieldPath, errors: FieldError[]): void {
  if (value.length > IDENTIFIER_BYTES_MAX) errors.push(tooLong(path, value, IDENTIFIER_BYTES_MAX))
  each(value, isCIdentifier, path, errors)
}

/** An attribute or capacity: an identifier, with the domain of a driver in front or without. */
export function qualifiedName(value: string, path: FieldPath, errors: FieldError[]): void {
  const [first = '', second] = value.split('/')
  if (second === undefined) {
    identifier(first, path, errors)
    return
  }
  if (first === '') errors.push(invalidValue(path, '', 'the domain must not be empty'))
  else validateDriverName(first, path, errors)
  if (second === '') errors.push(invalidValue(path, '', 'the name must not be empty'))
  else identifier(second, path, errors)
}

export function fullyQualifiedName(value: string, path: FieldPath, errors: FieldError[]): void {
  qualifiedName(value, path, errors)
  if (value.includes('/')) return
  const detail = 'a fully qualified name must be a domain and a name separated by a slash'
  errors.push(invalidValue(path, value, detail))
}

/** What may be asked for by name: requests, and within them their alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

/** `request` or `request/alternative`. */
export function requestReference(
  value: string,
  known: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  const segments = value.split('/')
  if (segments.length > 2) {
    errors.push(invalidValue(path, value, NOT_A_REQUEST))
    return
  }
  for (const segment of segments) labelName(segment, path, errors)
  const [request = '', alternative] = segments
  const alternatives = known.get(request)
  if (alternatives && (alternative === undefined || alternatives.has(alternative))) return
  errors.push(invalidValue(path, value, NOT_A_REQUEST))
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const NOT_A_UUID =
  'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'

export function shareId(value: string, path: FieldPath, errors: FieldError[]): void {
  if (UUID.test(value)) return
  const detail =
    value.length === 36 ? NOT_A_UUID : `error validating uid: invalid UUID length: ${value.length}`
  errors.push(invalidValue(path, value, detail))
}
