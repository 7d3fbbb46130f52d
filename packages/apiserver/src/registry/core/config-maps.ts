import {
  type ConfigMap,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isConfigMapKey,
  semanticEqual,
  tooLong,
} from '@miniplane/api'
import { configMapTable } from '../columns/core.js'
import { defineStrategy } from '../strategy.js'
import { sortedNames } from '../validation/resources.js'

/** Of all values together. */
export const PAYLOAD_BYTES_MAX = 1024 * 1024

/** Where the real server says that the whole is too large: a path without a name. */
const WHOLE = FieldPath.root.key('')

export const configMaps = defineStrategy<ConfigMap>({
  validate: validateConfigMap,
  validateUpdate(draft, stored) {
    const errors = immutableData(draft, stored, ['data', 'binaryData'])
    return [...errors, ...validateConfigMap(draft)]
  },
  table: configMapTable,
})

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const key of sortedNames(data)) {
    const path = FieldPath.of('data').key(key)
    for (const fault of isConfigMapKey(key)) errors.push(invalidValue(path, key, fault))
    if (Object.hasOwn(binaryData, key)) {
      errors.push(invalidValue(path, key, 'duplicate of key present in binaryData'))
    }
    bytes += Buffer.byteLength(data[key] ?? '')
  }
  for (const key of sortedNames(binaryData)) {
    const path = FieldPath.of('binaryData').key(key)
    for (const fault of isConfigMapKey(key)) errors.push(invalidValue(path, key, fault))
    bytes += Buffer.byteLength(binaryData[key] ?? '', 'base64')
  }
  if (bytes > PAYLOAD_BYTES_MAX) errors.push(tooLong(WHOLE, '', PAYLOAD_BYTES_MAX))
  return errors
}

interface Immutable {
  readonly immutable?: boolean
}

/** Once `immutable` is set, neither it nor the data changes any more. */
export function immutableData<T extends Immutable>(
  draft: T,
  stored: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (!stored.immutable) return []
  const changed: string[] = draft.immutable ? [] : ['immutable']
  for (const field of fields) {
    if (!semanticEqual(draft[field], stored[field])) changed.push(field)
  }
  const detail = 'field is immutable when `immutable` is set'
  return changed.map((field) => forbiddenField(FieldPath.of(field), detail))
}
