import { encodeJsonText } from '../json/encode.js'
import { goQuote } from '../machinery/go-quote.js'
import { isMap } from './kinds-of-value.js'
import { keyOfFields } from './path-element.js'
import type { KeyShape, Shape } from './shape.js'

/** An item that has no place in a list of its type; the message is the real server's. */
export class ListItemError extends Error {
  override readonly name = 'ListItemError'
}

/** The item's path element in its `fieldsV1` spelling. Throws `ListItemError`. */
export function itemKey(item: unknown, { keys }: Shape): string {
  return keys.length > 0 ? keyedItem(item, keys) : setItem(item)
}

function keyedItem(item: unknown, keys: readonly KeyShape[]): string {
  if (item === null || item === undefined)
    throw new ListItemError('associative list with keys may not have a null element')
  if (!isMap(item))
    throw new ListItemError('associative list with keys may not have non-map elements')
  if (keys.length === 1) {
    // Nearly all of them.
    const { name, default: byDefault } = keys[0] as KeyShape
    const value = Object.hasOwn(item, name) ? item[name] : byDefault
    if (value === undefined) throw noKeys(keys)
    return `k:{${JSON.stringify(name)}:${encodeJsonText(value)}}`
  }
  const fields: (readonly [string, unknown])[] = []
  for (const { name, default: byDefault } of keys) {
    const value = Object.hasOwn(item, name) ? item[name] : byDefault
    if (value !== undefined) fields.push([name, value])
  }
  if (fields.length === 0) throw noKeys(keys)
  return keyOfFields(fields.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function noKeys(keys: readonly KeyShape[]): ListItemError {
  const names = keys.map(({ name }) => goQuote(name)).join(' ')
  return new ListItemError(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  )
}

function setItem(item: unknown): string {
  if (Array.isArray(item))
    throw new ListItemError('not supported: associative list with lists as elements')
  if (item === null || item === undefined)
    throw new ListItemError("associative list without keys has an element that's an explicit null")
  if (typeof item === 'object')
    throw new ListItemError("associative list without keys has an element that's a map type")
  return `v:${encodeJsonText(item)}`
}

/**
 * The items of a list by their path elements, in order. An element that several items share has
 * them all: live objects may hold such lists. Items that have no path element are left out.
 */
export function itemsByKey(list: readonly unknown[], shape: Shape): Map<string, ItemGroup> {
  const items = new Map<string, ItemGroup>()
  for (const item of list) {
    const key = keyOrNone(item, shape)
    if (key === undefined) continue
    const group = items.get(key)
    if (group) group.push(item)
    else items.set(key, [item])
  }
  return items
}

/** Never empty. */
export type ItemGroup = unknown[]

export function keyOrNone(item: unknown, shape: Shape): string | undefined {
  try {
    return itemKey(item, shape)
  } catch (error) {
    if (error instanceof ListItemError) return undefined
    throw error
  }
}
