import { encodeJsonText } from '@miniplane/api'

const NOT_ASCII = /[^\0-\x7f]/

/** In the order of their bytes, as Go sorts a map's keys. */
export function sortedKeys(map: object): string[] {
  const keys = Object.keys(map)
  if (!keys.some((key) => NOT_ASCII.test(key))) return keys.sort()
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/**
 * JSON of a Go map, byte for byte: keys are sorted at every level. Written here, since a
 * JavaScript object puts keys that look like numbers first.
 */
export function sortedJson(value: unknown): string {
  // The numbers of such a map are doubles, whatever they were before.
  if (typeof value === 'bigint') return String(Number(value))
  if (typeof value !== 'object' || value === null) return encodeJsonText(value)
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  const map = value as Readonly<Record<string, unknown>>
  const members = sortedKeys(map)
    .filter((key) => map[key] !== undefined)
    .map((key) => `${encodeJsonText(key)}:${sortedJson(map[key])}`)
  return `{${members.join(',')}}`
}
