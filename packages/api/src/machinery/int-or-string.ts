/** A count, or text such as `25%` or a port's name. */
export type IntOrString = number | string

/**
 * The number meant by a count or a percentage of `total`. Throws for other strings, with the text
 * that Kubernetes gives.
 */
export function scaledValueFromIntOrPercent(
  value: IntOrString,
  total: number,
  roundUp: boolean,
): number {
  if (typeof value === 'number') return value
  if (!value.endsWith('%'))
    throw new Error('invalid value for IntOrString: invalid type: string is not a percentage')
  const number = value.slice(0, -1)
  if (!/^[+-]?\d+$/.test(number))
    throw new Error(
      `invalid value for IntOrString: invalid value "${number}": strconv.Atoi: parsing "${number}": invalid syntax`,
    )
  const exact = Number(number) * total
  return roundUp ? Math.ceil(exact / 100) : Math.floor(exact / 100)
}

/** The number in `25%`; undefined when the value is not a percentage. */
export function percentOf(value: IntOrString): number | undefined {
  if (typeof value === 'number' || !/^[0-9]+%$/.test(value)) return undefined
  return Number(value.slice(0, -1))
}
