import {
  type FieldError,
  FieldPath,
  invalidValue,
  isQualifiedName,
  required,
  tooLong,
} from '@miniplane/api'

const PARAMETERS_MAX = 512
const BYTES_MAX = 256 * 1024

/** Who provisions the volumes of a class: a qualified name, in capitals too. */
export function validateProvisioner(
  name: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!name) errors.push(required(path, ''))
  else {
    for (const fault of isQualifiedName(name.toLowerCase())) {
      errors.push(invalidValue(path, name.toLowerCase(), fault))
    }
  }
}

/** What the provisioner is told, which is the provisioner's business as long as it is little. */
export function validateParameters(
  parameters: Readonly<Record<string, string>> = {},
  needsOne: boolean,
  errors: FieldError[],
): void {
  const path = FieldPath.of('parameters')
  const entries = Object.entries(parameters)
  if (entries.length > PARAMETERS_MAX) {
    errors.push(tooLong(path, '', PARAMETERS_MAX))
    return
  }
  let bytes = 0
  for (const [key, value] of entries) {
    if (key === '') errors.push(invalidValue(path, key, 'field can not be empty.'))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (bytes > BYTES_MAX) errors.push(tooLong(path, '', BYTES_MAX))
  if (needsOne && entries.length === 0) {
    errors.push(required(path, 'must contain at least one key/value pair'))
  }
}
