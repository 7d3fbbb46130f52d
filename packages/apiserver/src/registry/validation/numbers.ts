import {
  type FieldError,
  type FieldPath,
  type IntOrString,
  invalidValue,
  isValidPortName,
  isValidPortNum,
} from '@miniplane/api'

export const INT32_MAX = 2_147_483_647
const NON_NEGATIVE = 'must be greater than or equal to 0'

export function nonNegative(
  value: number | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (value !== undefined && value < 0) errors.push(invalidValue(path, value, NON_NEGATIVE))
}

export function inRange(
  value: number | undefined,
  min: number,
  max: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (value === undefined || (value >= min && value <= max)) return
  errors.push(invalidValue(path, value, `must be between ${min} and ${max}, inclusive`))
}

export function portNumber(value: number | undefined, path: FieldPath, errors: FieldError[]): void {
  for (const fault of isValidPortNum(value ?? 0)) errors.push(invalidValue(path, value ?? 0, fault))
}

/** A port by number or by name. */
export function portNumberOrName(
  value: IntOrString | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (typeof value !== 'string') {
    portNumber(value, path, errors)
    return
  }
  for (const fault of isValidPortName(value)) errors.push(invalidValue(path, value, fault))
}

/** A count, or a percentage as `25%`; both may not be negative. */
export function nonNegativeIntOrPercent(
  value: IntOrString | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (value === undefined) return
  if (typeof value === 'number') nonNegative(value, path, errors)
  else if (!/^[0-9]+%$/.test(value)) errors.push(invalidValue(path, value, NOT_A_PERCENTAGE))
}

const NOT_A_PERCENTAGE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

export function notMoreThanHundredPercent(
  value: IntOrString | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (typeof value !== 'string' || !/^[0-9]+%$/.test(value)) return
  if (Number(value.slice(0, -1)) > 100) {
    errors.push(invalidValue(path, value, 'must not be greater than 100%'))
  }
}

/**
 * The number in `5` or in `25%`, for comparing with zero. A text without a sign of percentage is
 * read as a number too, and one that is neither counts as none.
 */
export function intOrPercentValue(value: IntOrString | undefined): number {
  if (typeof value === 'number') return value
  const [number] = value?.match(/^(?:[0-9]+(?=%$)|[-+]?[0-9]+$)/) ?? []
  return Number(number ?? 0)
}
