import { badRequest } from '@miniplane/api'

/** As the real server reads booleans: present is true, unless it says `false` or `0`. */
export function queryBoolean(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && !/^(false|0)$/i.test(value)
}

/** An integer, or undefined when absent. Throws 400 with Go's text for anything else. */
export function queryInteger(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (!/^[+-]?\d+$/.test(value))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  if (BigInt.asIntN(64, BigInt(value.replace('+', ''))) !== BigInt(value.replace('+', '')))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`)
  return Number(value)
}
