import { badRequest } from '@miniplane/api'

/** As the real server reads booleans: present is true, unless it says `false` or `0`. */
export function queryBoolean(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && !/^(false|0)$/i.test(value)
}

/** An integer, or undefined when absent or empty. Throws 400 with Go's text for anything else. */
export function queryInteger(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  if (!/^[+-]?\d+$/.test(value))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  const number = Number(value)
  if (!Number.isSafeInteger(number))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`)
  return number
}
