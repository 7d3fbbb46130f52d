import { duplicate, type FieldError, type FieldPath, tooMany } from '@miniplane/api'
import { sortedNames } from '../validation/resources.js'

/** Says at `path` what is wrong with one item. */
export type ItemRule<T> = (item: T, path: FieldPath, errors: FieldError[]) => void

/** A list that is too long is not looked into: its length says enough. */
export function boundedList<T>(
  items: readonly T[] | null | undefined,
  max: number,
  rule: ItemRule<T>,
  path: FieldPath,
  errors: FieldError[],
): boolean {
  const list = items ?? []
  if (list.length > max) {
    errors.push(tooMany(path, list.length, max))
    return false
  }
  for (const [i, item] of list.entries()) rule(item, path.index(i), errors)
  return true
}

/** The same for items of which no two may have the same key. `shown` is the key as texts print it. */
export function boundedSet<T>(
  items: readonly T[] | null | undefined,
  max: number,
  rule: ItemRule<T>,
  keyOf: (item: T) => string,
  path: FieldPath,
  errors: FieldError[],
  shown: (item: T) => unknown = keyOf,
): void {
  if (!boundedList(items, max, rule, path, errors)) return
  const taken = new Set<string>()
  for (const [i, item] of (items ?? []).entries()) {
    const key = keyOf(item)
    if (taken.has(key)) errors.push(duplicate(path.index(i), shown(item)))
    taken.add(key)
  }
}

/** Faults of keys are reported at the map itself, those of values at their key. */
export function boundedMap<T>(
  map: Readonly<Record<string, T>> | undefined,
  max: number,
  keyLength: number,
  keyRule: ItemRule<string>,
  rule: ItemRule<T>,
  path: FieldPath,
  errors: FieldError[],
): void {
  const names = sortedNames(map ?? {})
  if (names.length > max) {
    errors.push(tooMany(path, names.length, max))
    return
  }
  for (const name of names) {
    keyRule(name, path, errors)
    rule(map?.[name] as T, path.key(shortened(name, keyLength)), errors)
  }
}

/** A long key shows its two ends. */
function shortened(key: string, max: number): string {
  if (key.length <= max) return key
  const room = max - 3
  return `${key.slice(0, Math.ceil(room / 2))}...${key.slice(key.length - Math.floor(room / 2))}`
}
