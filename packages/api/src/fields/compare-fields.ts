import { isEqual } from '../json/equality.js'
import { decodeObject } from '../schema/decode.js'
import type { StructSchema } from '../schema/schema.js'
import { FieldSet } from './field-set.js'
import { asList, asMap, isEmptyMap, type JsonObject } from './kinds-of-value.js'
import { type ItemGroup, itemKey, itemsByKey, ListItemError } from './list-items.js'
import { type Shape, structShape } from './shape.js'

/** What became of an object's fields. Values that only moved within a list are in none of them. */
export interface FieldChanges {
  /** With the parents that weren't there either. */
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/**
 * Compares two states of an object. Without a `before` the object is new, and is compared with the
 * empty one of its type: structs that are always written are there and nobody's.
 *
 * Parts that are the same (`===`) are not looked into.
 */
export function compareFields(
  before: JsonObject | undefined,
  after: JsonObject,
  schema: StructSchema,
): FieldChanges {
  const comparison = new Comparison()
  comparison.compare(before ?? emptyObject(schema), after, structShape(schema))
  const { added, modified, removed } = comparison
  return {
    added: added ?? FieldSet.empty,
    modified: modified ?? FieldSet.empty,
    removed: removed ?? FieldSet.empty,
  }
}

// Derived from immutable schemas and nothing else; frozen by nobody changing them.
const emptyObjects = new WeakMap<StructSchema, JsonObject>()

/** What there is of a type of which nobody said anything: never to be written to. */
export function emptyObject(schema: StructSchema): JsonObject {
  const known = emptyObjects.get(schema)
  if (known) return known
  const { object } = decodeObject({}, schema)
  emptyObjects.set(schema, object)
  return object
}

type Nodes = Map<string, FieldSet> | undefined

/** Most values have nothing to tell: no map is made for them. */
function put(nodes: Nodes, key: string, node: FieldSet | undefined): Nodes {
  if (!node) return nodes
  const some = nodes ?? new Map<string, FieldSet>()
  some.set(key, node)
  return some
}

/** `compare` leaves its answer in the three fields: one answer, three sets, no allocation. */
class Comparison {
  added: FieldSet | undefined
  modified: FieldSet | undefined
  removed: FieldSet | undefined

  compare(before: unknown, after: unknown, shape: Shape): void {
    this.added = this.modified = this.removed = undefined
    if (before === after) return
    if (before === undefined) this.added = whole(after, shape)
    else if (after === undefined) this.removed = whole(before, shape)
    else if (shape.isLeaf) this.#leaf(before, after)
    else if (shape.kind === 'list') this.#lists(before, after, shape)
    else if (shape.kind === 'deduced') this.#deduced(before, after, shape)
    else this.#maps(before, after, shape)
  }

  #leaf(before: unknown, after: unknown): void {
    if (!isEqual(before, after)) this.modified = FieldSet.leaf
  }

  #maps(before: unknown, after: unknown, shape: Shape): void {
    const old = asMap(before)
    const now = asMap(after)
    // Null and empty differ, and there is nothing below that could say so.
    if (isEmptyMap(old) && isEmptyMap(now)) this.#leaf(before, after)
    else this.#entries(old, now, shape)
  }

  #entries(old: JsonObject | null, now: JsonObject | null, shape: Shape): void {
    let added: Nodes
    let modified: Nodes
    let removed: Nodes
    for (const name in now) {
      const after = now[name]
      if (old !== null && old[name] === after) continue
      const before = old !== null && Object.hasOwn(old, name) ? old[name] : undefined
      const field = shape.fields.get(name)
      const of = field ? field.shape : shape.of
      if (!of) continue
      this.compare(before, after, of)
      const key = field ? field.key : `f:${name}`
      added = put(added, key, this.added)
      modified = put(modified, key, this.modified)
      removed = put(removed, key, this.removed)
    }
    for (const name in old) {
      if (old[name] === undefined || (now && Object.hasOwn(now, name))) continue
      const field = shape.fields.get(name)
      const of = field ? field.shape : shape.of
      if (of) removed = put(removed, field ? field.key : `f:${name}`, whole(old[name], of))
    }
    this.#answer(added, modified, removed)
  }

  #answer(added: Nodes, modified: Nodes, removed: Nodes): void {
    this.added = added && FieldSet.of(added)
    this.modified = modified && FieldSet.of(modified)
    this.removed = removed && FieldSet.of(removed)
  }

  #lists(before: unknown, after: unknown, shape: Shape): void {
    const old = asList(before) ?? []
    const now = asList(after) ?? []
    if (old.length === 0 && now.length === 0) this.#leaf(before, after)
    else if (!areSameInOrder(old, now)) this.#itemLists(old, now, shape)
  }

  #itemLists(old: readonly unknown[], now: readonly unknown[], shape: Shape): void {
    let added: Nodes
    let modified: Nodes
    let removed: Nodes
    const oldItems = itemsByKey(old, shape)
    const nowItems = itemsByKey(now, shape)
    for (const [key, group] of nowItems) {
      this.#items(oldItems.get(key), group, shape.of as Shape)
      added = put(added, key, this.added)
      modified = put(modified, key, this.modified)
      removed = put(removed, key, this.removed)
    }
    for (const [key, group] of oldItems)
      if (!nowItems.has(key)) removed = put(removed, key, wholeItems(group, shape.of as Shape))
    this.#answer(added, modified, removed)
  }

  /** The items with one key; several of them are one thing, owned as a whole. */
  #items(old: ItemGroup | undefined, now: ItemGroup, of: Shape): void {
    if (now.length === 1 && (old === undefined || old.length === 1)) {
      this.compare(old?.[0], now[0], of)
      return
    }
    this.#answer(undefined, undefined, undefined)
    if (old === undefined) {
      this.added = FieldSet.leaf
    } else if (old.length > 1 && now.length > 1) {
      this.#leaf(old, now)
    } else if (now.length > 1) {
      this.added = FieldSet.leaf
      this.removed = whole(old[0], of)
    } else {
      this.added = whole(now[0], of)
      this.removed = FieldSet.leaf
    }
  }

  #deduced(before: unknown, after: unknown, shape: Shape): void {
    const old = asMap(before)
    const now = asMap(after)
    if ((old || before === null) && (now || after === null)) {
      this.#maps(before, after, shape)
      return
    }
    if (isEqual(before, after)) return
    if (old || now) this.#entries(old, now, shape)
    // What it was made of, or is now, counts beside the change of the value as such.
    this.modified = FieldSet.leaf
  }
}

/** Lists that were copied but not written to: nothing to find out, and found out cheaply. */
function areSameInOrder(old: readonly unknown[], now: readonly unknown[]): boolean {
  return old.length === now.length && old.every((item, i) => item === now[i])
}

/** The value and all in it, when it was not there before or is there no more. */
function whole(value: unknown, shape: Shape): FieldSet {
  if (shape.isLeaf) return FieldSet.leaf
  return shape.kind === 'list' ? wholeList(value, shape) : wholeMap(asMap(value), shape)
}

function wholeMap(map: JsonObject | null, shape: Shape): FieldSet {
  let parts: Nodes
  for (const name in map) {
    const value = map[name]
    const field = shape.fields.get(name)
    const of = field ? field.shape : shape.of
    if (value !== undefined && of)
      parts = put(parts, field ? field.key : `f:${name}`, whole(value, of))
  }
  return FieldSet.of(parts, true)
}

function wholeList(value: unknown, shape: Shape): FieldSet {
  const parts = new Map<string, FieldSet>()
  const of = shape.of as Shape
  for (const item of asList(value) ?? []) {
    try {
      const key = itemKey(item, shape)
      parts.set(key, parts.has(key) ? FieldSet.leaf : whole(item, of))
    } catch (error) {
      // An item without a path element has no owner.
      if (!(error instanceof ListItemError)) throw error
    }
  }
  return FieldSet.of(parts, true)
}

function wholeItems(group: ItemGroup, of: Shape): FieldSet {
  return group.length > 1 ? FieldSet.leaf : whole(group[0], of)
}
