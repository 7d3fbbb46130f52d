import { isEqual } from '../json/equality.js'
import { noMergeKey } from './patch-error.js'
import { isObject, type JsonObject } from './patch-meta.js'

/** What tells a list's elements apart: the merge key's value, or the element itself. */
export function identityOf(item: unknown, mergeKey: string): unknown {
  if (!isObject(item)) return item
  if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey)
  return item[mergeKey]
}

export function indexOfItem(list: readonly unknown[], item: unknown, mergeKey: string): number {
  const identity = identityOf(item, mergeKey)
  return list.findIndex((each) => isEqual(identityOf(each, mergeKey), identity))
}

/** Items of `order` first found come first; what is not in it goes to the end. */
export function sortedAs(
  items: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const rank = (item: unknown) => {
    const index = indexOfItem(order, item, mergeKey)
    return index < 0 ? order.length : index
  }
  return items
    .map((item) => ({ item, rank: rank(item) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}

/**
 * Puts a merged list into its final order: the items of the patch in the patch's order, and the
 * others where they stood, as far as both can be had. A new item goes in front of the first item
 * that only the server has.
 */
export function orderMerged(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const isInPatch = (item: unknown) => indexOfItem(patchOrder, item, mergeKey) >= 0
  const patched = sortedAs(merged.filter(isInPatch), patchOrder, mergeKey)
  const rest = merged.filter((item) => !isInPatch(item))
  const serverOnly = sortedAs(rest, serverOrder, mergeKey)
  const result: unknown[] = []
  let next = 0
  for (const item of patched) {
    const place = indexOfItem(serverOrder, item, mergeKey)
    while (next < serverOnly.length && place >= 0) {
      const other = indexOfItem(serverOrder, serverOnly[next], mergeKey)
      if (other < 0 || other > place) break
      result.push(serverOnly[next++])
    }
    result.push(item)
  }
  return [...result, ...serverOnly.slice(next)]
}

/** Without the second and further appearances of a value. */
export function distinct(items: readonly unknown[]): unknown[] {
  const seen: unknown[] = []
  for (const item of items) if (!seen.some((each) => isEqual(each, item))) seen.push(item)
  return seen
}

/** Just the identity of each item, as `$setElementOrder` lists them. */
export function orderList(items: readonly unknown[], mergeKey: string): unknown[] {
  return items.map((item) =>
    isObject(item) ? ({ [mergeKey]: identityOf(item, mergeKey) } satisfies JsonObject) : item,
  )
}
