import {
  type FieldError,
  FieldPath,
  invalidValue,
  type ManagedFieldsEntry,
  tooLong,
} from '@miniplane/api'
import { MANAGER_BYTES_MAX, UNPRINTABLE } from './manager-name.js'

const SUBRESOURCE_BYTES_MAX = 256
const PLAIN = /^[\x20-\x7e]{0,128}$/

/** What is wrong with the name of a manager. */
export function managerErrors(manager: string, path: FieldPath): FieldError[] {
  if (PLAIN.test(manager)) return []
  if (Buffer.byteLength(manager) > MANAGER_BYTES_MAX)
    return [tooLong(path, manager, MANAGER_BYTES_MAX)]
  let position = 0
  for (const character of manager) {
    if (UNPRINTABLE.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      const detail = `invalid character U+${code} (at position ${position})`
      return [invalidValue(path, manager, detail)]
    }
    position += Buffer.byteLength(character)
  }
  return []
}

/** What is wrong with the managers that a client sent along: all else was written by the server. */
export function validateManagedFields(
  entries: readonly ManagedFieldsEntry[],
  path: FieldPath = FieldPath.of('metadata', 'managedFields'),
): FieldError[] {
  return entries.flatMap(({ manager = '', subresource = '' }, i) => {
    const errors = PLAIN.test(manager) ? [] : managerErrors(manager, path.index(i).child('manager'))
    if (Buffer.byteLength(subresource) > SUBRESOURCE_BYTES_MAX)
      errors.push(tooLong(path.index(i).child('subresource'), subresource, SUBRESOURCE_BYTES_MAX))
    return errors
  })
}
