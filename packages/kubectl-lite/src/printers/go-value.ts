/** What Go prints for an absent value. */
export const NIL_TEXT = '<nil>'
export const NO_VALUE_TEXT = '<none>'

/** A value as Go's `%v` prints it: `map[a:1 b:[x y]]`. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return NIL_TEXT
  if (Array.isArray(value)) return `[${value.map(showValue).join(' ')}]`
  if (typeof value === 'object') {
    const entries = sortedEntries(value).map(([key, part]) => `${key}:${showValue(part)}`)
    return `map[${entries.join(' ')}]`
  }
  return String(value)
}

/** A value as Go's `%#v` prints what was decoded from JSON. */
export function showSource(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(showSource).join(', ')}}`
  if (typeof value === 'object') {
    const entries = sortedEntries(value).map(([key, part]) => `${quote(key)}:${showSource(part)}`)
    return `map[string]interface {}{${entries.join(', ')}}`
  }
  return String(value)
}

export const sortedEntries = (value: object): [string, unknown][] =>
  Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** As Go's `%q`; JSON's escapes are the same for what occurs in practice. */
export const quote = (text: string): string => JSON.stringify(text)
