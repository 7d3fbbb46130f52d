import { goQuote } from '../machinery/go-quote.js'
import { goFloat } from '../yaml/print-scalar.js'

/** A value's type as Go names it (`%T`). */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'bigint') return 'int64'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** As the real server shows a value of the wrong type where it prints it as it comes (`%v`). */
export const goText = (value: unknown): string => `&{${plain(value)}}`

/** The same in Go's syntax (`%#v`). */
export const goSyntax = (value: unknown): string =>
  `&value.valueUnstructured{Value:${syntax(value)}}`

function plain(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(plain).join(' ')}]`
  if (typeof value === 'object')
    return `map[${sorted(value)
      .map(([key, each]) => `${key}:${plain(each)}`)
      .join(' ')}]`
  return typeof value === 'number' ? number(value) : String(value)
}

function syntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(syntax).join(', ')}}`
  if (typeof value === 'object')
    return `map[string]interface {}{${sorted(value)
      .map(([key, each]) => `${goQuote(key)}:${syntax(each)}`)
      .join(', ')}}`
  if (typeof value === 'string') return goQuote(value)
  return typeof value === 'number' ? number(value) : String(value)
}

const sorted = (value: object): [string, unknown][] =>
  Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))

const number = (value: number): string => (Number.isInteger(value) ? String(value) : goFloat(value))
