import { isEqual, setOwn } from '../json/equality.js'
import type { StructSchema } from '../schema/schema.js'
import { asList, asMap, isEmptyMap, type JsonObject } from './kinds-of-value.js'
import { itemsByKey, keyOrNone } from './list-items.js'
import { type Shape, structShape } from './shape.js'

/**
 * The live object with an applied configuration merged in: what both have comes from the
 * configuration, what only one has stays; items of sets and keyed lists stand in the
 * configuration's order. Neither argument is changed; the result shares parts with both, and is
 * the live object itself when nothing differs.
 */
export function mergeApplied(
  live: JsonObject,
  applied: JsonObject,
  schema: StructSchema,
): JsonObject {
  return mergeMaps(live, applied, structShape(schema))
}

/** `applied` is not undefined. */
function mergeValue(live: unknown, applied: unknown, shape: Shape): unknown {
  if (live === undefined || live === applied) return applied
  if (shape.kind === 'list' && !shape.isLeaf) return mergeListValue(live, applied, shape)
  if (!shape.isLeaf) return mergeMapValue(live, applied, shape)
  return isEqual(live, applied) ? live : applied
}

/** Structs, maps, and what is free-form. */
function mergeMapValue(live: unknown, applied: unknown, shape: Shape): unknown {
  const old = asMap(live)
  const now = asMap(applied)
  if (old && now && !isEmptyMap(now)) return mergeMaps(old, now, shape)
  // Entries that nobody applies stay: to apply an empty map, or null, takes none away.
  const keepsLive = !isEmptyMap(old) && (now !== null || applied === null)
  return keepsLive || isEqual(live, applied) ? live : applied
}

function mergeMaps(live: JsonObject, applied: JsonObject, shape: Shape): JsonObject {
  let merged: JsonObject | undefined
  for (const name in applied) {
    const value = applied[name]
    if (value === undefined) continue
    const of = shape.fields.get(name)?.shape ?? shape.of
    const old = Object.hasOwn(live, name) ? live[name] : undefined
    const result = of ? mergeValue(old, value, of) : value
    if (result === old) continue
    merged ??= { ...live }
    setOwn(merged, name, result)
  }
  return merged ?? live
}

function mergeListValue(live: unknown, applied: unknown, shape: Shape): unknown {
  const old = asList(live) ?? []
  const now = asList(applied) ?? []
  if (now.length > 0) return mergeLists(old, now, shape)
  if (old.length > 0) return live
  return isEqual(live, applied) ? live : applied
}

/**
 * The applied items in their order; before each one that was there already come those of the live
 * list that stood before it and are not applied.
 */
function mergeLists(
  live: readonly unknown[],
  applied: readonly unknown[],
  shape: Shape,
): readonly unknown[] {
  const liveItems = itemsByKey(live, shape)
  const appliedItems = [...itemsByKey(applied, shape)]
  const isApplied = new Set(appliedItems.map(([key]) => key))
  const shared = appliedItems.map(([key]) => key).filter((key) => liveItems.has(key))
  const merged: unknown[] = []
  let nextApplied = 0
  let nextShared = 0
  const takeApplied = () => {
    const [key, [item]] = appliedItems[nextApplied++] as [string, unknown[]]
    const group = liveItems.get(key)
    // Several live items with one key have nothing in common to merge with.
    const old = group?.length === 1 ? group[0] : undefined
    merged.push(mergeValue(old, item, shape.of as Shape))
    return key
  }
  for (const item of live) {
    const key = keyOrNone(item, shape)
    if (key === undefined || !isApplied.has(key)) merged.push(item)
    else if (key === shared[nextShared]) {
      while (takeApplied() !== key);
      nextShared++
    }
  }
  while (nextApplied < appliedItems.length) takeApplied()
  const isSame = merged.length === live.length && merged.every((item, i) => item === live[i])
  return isSame ? live : merged
}
