type JsonObject = Readonly<Record<string, unknown>>

/** A copy that shares nothing with `value`, which is made of what JSON can say. */
export function deepCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(deepCopy) as T
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) setOwn(copy, key, deepCopy((value as JsonObject)[key]))
  return copy as T
}

/** `target[key] = value` for keys from outside, among which `__proto__` may be. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value
  else
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
}

/** Whether two values encode to the same JSON, whatever the order of their keys. */
export function isEqual(a: unknown, b: unknown): boolean {
  return equal(a, b, isAbsent)
}

/**
 * Equality as Kubernetes' controllers see it: lists and maps that are empty, null or absent are
 * the same. Quantities and times compare as text, which is exact for decoded objects, because
 * decoding writes both in their one canonical form.
 */
export function semanticEqual(a: unknown, b: unknown): boolean {
  return equal(a, b, isEmpty)
}

/**
 * The same for what decoding leaves: empty maps are gone, so that what is there and empty is a
 * struct behind a pointer, which says something (`emptyDir: {}`).
 */
export function decodedEqual(a: unknown, b: unknown): boolean {
  return equal(a, b, isEmptyList)
}

const isAbsent = (value: unknown) => value === undefined

const isEmptyList = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0)

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value !== 'object') return false
  return (Array.isArray(value) ? value : Object.keys(value)).length === 0
}

function equal(a: unknown, b: unknown, mayMiss: (value: unknown) => boolean): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return (mayMiss(a) && mayMiss(b)) || (Number.isNaN(a) && Number.isNaN(b))
  if (Array.isArray(a) !== Array.isArray(b)) return mayMiss(a) && mayMiss(b)
  return Array.isArray(a)
    ? listsEqual(a, b as unknown[], mayMiss)
    : objectsEqual(a as JsonObject, b as JsonObject, mayMiss)
}

function listsEqual(
  a: readonly unknown[],
  b: readonly unknown[],
  mayMiss: (value: unknown) => boolean,
): boolean {
  return a.length === b.length && a.every((item, i) => equal(item, b[i], mayMiss))
}

function objectsEqual(a: JsonObject, b: JsonObject, mayMiss: (value: unknown) => boolean): boolean {
  for (const key of Object.keys(a))
    if (!equal(a[key], Object.hasOwn(b, key) ? b[key] : undefined, mayMiss)) return false
  for (const key of Object.keys(b)) if (!Object.hasOwn(a, key) && !mayMiss(b[key])) return false
  return true
}
