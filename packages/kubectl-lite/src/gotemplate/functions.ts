import { showValue } from '../printers/go-value.js'
import { formatGo } from './printf.js'

const isTruthy = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

const lengthOf = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}

const index = (value: unknown, ...keys: unknown[]): unknown =>
  keys.reduce<unknown>(
    (current, key) => (current as Record<string, unknown> | undefined)?.[key as string],
    value,
  )

/** Functions of Go's templates and those that kubectl adds. */
export const functions: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  and: (...args) => args.find((arg) => !isTruthy(arg)) ?? args.at(-1),
  or: (...args) => args.find(isTruthy) ?? args.at(-1),
  not: (value) => !isTruthy(value),
  len: lengthOf,
  index,
  slice: (value, start = 0, end) =>
    (value as string | unknown[]).slice(start as number, end as number | undefined),
  eq: (first, ...others) => others.some((other) => other === first),
  ne: (a, b) => a !== b,
  lt: (a, b) => (a as number) < (b as number),
  le: (a, b) => (a as number) <= (b as number),
  gt: (a, b) => (a as number) > (b as number),
  ge: (a, b) => (a as number) >= (b as number),
  print: (...args) => args.map(showValue).join(''),
  println: (...args) => `${args.map(showValue).join(' ')}\n`,
  printf: (format, ...args) => formatGo(String(format), args),
  html: (value) => String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`),
  urlquery: (value) => encodeURIComponent(String(value)),
  js: (value) => JSON.stringify(String(value)).slice(1, -1),
  exists: (value, ...keys) => index(value, ...keys) !== undefined,
  base64decode: (value) => Buffer.from(String(value), 'base64').toString('utf8'),
}
