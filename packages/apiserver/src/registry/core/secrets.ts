import {
  type FieldError,
  FieldPath,
  invalidValue,
  isConfigMapKey,
  jsonSyntaxError,
  required,
  type Secret,
  tooLong,
} from '@miniplane/api'
import { secretTable } from '../columns/core.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { sortedNames } from '../validation/resources.js'
import { immutableData, PAYLOAD_BYTES_MAX } from './config-maps.js'
import { keyPairFault } from './key-pair.js'

const DATA = FieldPath.of('data')
const REDACTED = '<secret contents redacted>'
const SERVICE_ACCOUNT = 'kubernetes.io/service-account.name'

export const secrets = defineStrategy<Secret>({
  setDefaults(draft) {
    draft.type ||= 'Opaque'
    for (const [key, text] of Object.entries(draft.stringData ?? {})) {
      draft.data ??= {}
      draft.data[key] = Buffer.from(text, 'utf8').toString('base64')
    }
    delete draft.stringData
  },
  validate: validateSecret,
  validateUpdate(draft, stored) {
    const errors: FieldError[] = []
    immutableField(draft.type, stored.type, FieldPath.of('type'), errors)
    return [...errors, ...immutableData(draft, stored, ['data']), ...validateSecret(draft)]
  },
  warningsOnCreate: secretWarnings,
  warningsOnUpdate: (draft) => secretWarnings(draft),

  selectableFields: { type: ({ type }) => type ?? '' },
  table: secretTable,
})

const bytesOf = (secret: Secret, key: string): Buffer =>
  Buffer.from(secret.data?.[key] ?? '', 'base64')

function validateSecret(secret: Secret): FieldError[] {
  const errors: FieldError[] = []
  const data = secret.data ?? {}
  let bytes = 0
  for (const key of sortedNames(data)) {
    for (const fault of isConfigMapKey(key)) errors.push(invalidValue(DATA.key(key), key, fault))
    bytes += bytesOf(secret, key).length
  }
  if (bytes > PAYLOAD_BYTES_MAX) errors.push(tooLong(DATA, '', PAYLOAD_BYTES_MAX))
  validateType(secret, errors)
  return errors
}

function validateType(secret: Secret, errors: FieldError[]): void {
  const has = (key: string) => secret.data?.[key] !== undefined
  const need = (key: string) => {
    if (!has(key)) errors.push(required(DATA.key(key), ''))
  }
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if (!secret.metadata.annotations?.[SERVICE_ACCOUNT]) {
        errors.push(required(FieldPath.of('metadata', 'annotations').key(SERVICE_ACCOUNT), ''))
      }
      return
    case 'kubernetes.io/dockercfg':
      needJson(secret, '.dockercfg', errors)
      return
    case 'kubernetes.io/dockerconfigjson':
      needJson(secret, '.dockerconfigjson', errors)
      return
    case 'kubernetes.io/basic-auth':
      // One of the two is enough.
      if (has('username') || has('password')) return
      need('username')
      need('password')
      return
    case 'kubernetes.io/ssh-auth':
      if (bytesOf(secret, 'ssh-privatekey').length === 0) {
        errors.push(required(DATA.key('ssh-privatekey'), ''))
      }
      return
    case 'kubernetes.io/tls':
      need('tls.crt')
      need('tls.key')
      return
    default:
  }
}

function needJson(secret: Secret, key: string, errors: FieldError[]): void {
  if (secret.data?.[key] === undefined) {
    errors.push(required(DATA.key(key), ''))
    return
  }
  const fault = jsonFault(bytesOf(secret, key))
  if (fault !== undefined) errors.push(invalidValue(DATA.key(key), REDACTED, fault))
}

/** Any object will do; what else JSON can say is named as Go names it. */
function jsonFault(bytes: Buffer): string | undefined {
  const fault = jsonSyntaxError(bytes)
  if (fault !== undefined) return fault
  const value: unknown = JSON.parse(bytes.toString('utf8'))
  if (value === null) return undefined
  const kind = Array.isArray(value) ? 'array' : typeof value
  if (kind === 'object') return undefined
  const name = kind === 'boolean' ? 'bool' : kind
  return `json: cannot unmarshal ${name} into Go value of type map[string]interface {}`
}

/** A certificate that no server could use is stored all the same. */
function secretWarnings(secret: Secret): string[] {
  if (secret.type !== 'kubernetes.io/tls') return []
  const fault = keyPairFault(bytesOf(secret, 'tls.crt'), bytesOf(secret, 'tls.key'))
  return fault === undefined ? [] : [fault]
}
