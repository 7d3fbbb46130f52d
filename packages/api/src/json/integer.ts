const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

/**
 * A whole number in the one form that it has in decoded values: a number as long as that is exact,
 * a bigint beyond, up to the 64 bits that a field may have. Whoever compares, copies or prints it
 * need not care which; arithmetic on a field of 64 bits says `Number(…)` first.
 */
export function wholeNumber(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Whether 64 bits hold it. */
export const isInt64 = (value: bigint): boolean => value >= MIN && value <= MAX
