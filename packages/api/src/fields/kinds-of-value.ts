export type JsonObject = Record<string, unknown>

export const isMap = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value where a map should be, as a map; null when it is none, which counts as an empty one. */
export const asMap = (value: unknown): JsonObject | null => (isMap(value) ? value : null)

export const asList = (value: unknown): readonly unknown[] | null =>
  Array.isArray(value) ? value : null

/** Also of null. */
export function isEmptyMap(map: JsonObject | null): boolean {
  if (map) for (const key in map) if (map[key] !== undefined) return false
  return true
}
