import {
  type DeviceConfiguration,
  type DeviceSelector,
  encodeJsonText,
  type FieldError,
  type FieldPath,
  invalidValue,
  required,
  tooLong,
} from '@miniplane/api'
import { validateDriverName } from '../validation/volume-sources.js'
import { boundedList } from './collections.js'

const SELECTORS_MAX = 32
const EXPRESSION_BYTES_MAX = 10 * 1024
/** Of the JSON that a driver is handed. */
const PARAMETERS_BYTES_MAX = 10 * 1024

/** `isStored`: the same expressions are in the store already and have been judged there. */
export function validateSelectors(
  selectors: readonly DeviceSelector[] | undefined,
  isStored: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  const rule = ({ cel }: DeviceSelector, at: FieldPath) => {
    if (!cel) errors.push(required(at.child('cel'), ''))
    else if (!isStored && cel.expression.length > EXPRESSION_BYTES_MAX) {
      errors.push(tooLong(at.child('cel', 'expression'), '', EXPRESSION_BYTES_MAX))
    }
  }
  boundedList(selectors, SELECTORS_MAX, rule, path, errors)
}

export function validateConfiguration(
  { opaque }: DeviceConfiguration,
  isStored: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('opaque')
  if (!opaque) {
    errors.push(required(at, ''))
    return
  }
  validateDriverName(opaque.driver, at.child('driver'), errors)
  rawObject(opaque.parameters, isStored, at.child('parameters'), errors)
}

/** JSON that nobody but a driver understands; an object it has to be. */
export function rawObject(
  value: unknown,
  isStored: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (value === undefined || value === null) errors.push(required(path, ''))
  else if (!isStored && Buffer.byteLength(encodeJsonText(value)) > PARAMETERS_BYTES_MAX) {
    errors.push(tooLong(path, '', PARAMETERS_BYTES_MAX))
  } else if (typeof value !== 'object' || Array.isArray(value)) {
    errors.push(invalidValue(path, '<value omitted>', 'must be a valid JSON object'))
  }
}
