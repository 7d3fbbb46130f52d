import { isEqual, setOwn } from '../json/equality.js'
import type { Schema } from '../schema/schema.js'
import { distinct, identityOf, indexOfItem, orderList } from './element-order.js'
import { PatchError } from './patch-error.js'
import {
  DELETE_FROM_PRIMITIVE_LIST,
  isObject,
  type JsonObject,
  PATCH,
  type PatchMeta,
  patchMetaOf,
  RETAIN_KEYS,
  SET_ELEMENT_ORDER,
} from './patch-meta.js'
import { mergePatches } from './strategic-merge-patch.js'

/**
 * The strategic merge patch that turns `original` into `modified`: what `kubectl edit`, `set` and
 * `label` send. Empty when there is nothing to change. Throws `PatchError`.
 */
export function createTwoWayMergePatch(
  original: JsonObject,
  modified: JsonObject,
  schema: Schema,
): JsonObject {
  return diffMaps(original, modified, schema, { changes: true, deletions: true, retainKeys: false })
}

/**
 * What `kubectl apply` sends: the changes from `current` to `modified`, and the removal of what
 * was in `original` (as last applied) and is not in `modified`. What others have added to the
 * object stays. Throws `PatchError`.
 */
export function createThreeWayMergePatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  schema: Schema,
): JsonObject {
  const changes = { changes: true, deletions: false, retainKeys: false }
  const deletions = { changes: false, deletions: true, retainKeys: false }
  return mergePatches(
    diffMaps(original, modified, schema, deletions),
    diffMaps(current, modified, schema, changes),
    schema,
  )
}

interface Options {
  /** Tell what was changed and added. */
  readonly changes: boolean
  /** Tell what was removed. */
  readonly deletions: boolean
  /** This map's fields exclude each other: name those that stay. */
  readonly retainKeys: boolean
}

function diffMaps(
  original: JsonObject,
  modified: JsonObject,
  schema: Schema | undefined,
  options: Options,
): JsonObject {
  const patch: JsonObject = {}
  for (const [key, after] of Object.entries(modified)) {
    if (after === undefined) continue
    const before = Object.hasOwn(original, key) ? original[key] : undefined
    if (isObject(before) && isObject(after))
      diffMapField(patch, key, before, after, schema, options)
    else if (Array.isArray(before) && Array.isArray(after))
      diffListField(patch, key, before, after, schema, options)
    else if (options.changes && !isEqual(before, after)) setOwn(patch, key, after)
  }
  const removed = Object.keys(original).filter(
    (key) => original[key] !== undefined && !Object.hasOwn(modified, key),
  )
  if (options.deletions) for (const key of removed) setOwn(patch, key, null)
  if (options.retainKeys) nameRetainedKeys(patch, modified, removed.length > 0)
  return patch
}

function nameRetainedKeys(patch: JsonObject, modified: JsonObject, hasRemoved: boolean): void {
  const kept = Object.keys(modified).filter((key) => modified[key] !== null)
  if (kept.length > 0 && (hasRemoved || Object.keys(patch).length > 0))
    patch[RETAIN_KEYS] = kept.sort()
}

/** Undefined when the schema does not know the field and it makes no difference. */
function metaForDiff(
  schema: Schema | undefined,
  key: string,
  before: unknown,
  after: unknown,
): PatchMeta | undefined {
  try {
    return patchMetaOf(schema, key)
  } catch (error) {
    if (error instanceof PatchError && isEqual(before, after)) return undefined
    throw error
  }
}

function diffMapField(
  patch: JsonObject,
  key: string,
  before: JsonObject,
  after: JsonObject,
  schema: Schema | undefined,
  options: Options,
): void {
  const meta = metaForDiff(schema, key, before, after)
  if (!meta) return
  if (meta.strategy === 'replace') {
    if (options.changes && !isEqual(before, after)) setOwn(patch, key, after)
    return
  }
  const inner = diffMaps(before, after, meta.schema, { ...options, retainKeys: meta.retainKeys })
  if (Object.keys(inner).length > 0) setOwn(patch, key, inner)
}

function diffListField(
  patch: JsonObject,
  key: string,
  before: readonly unknown[],
  after: readonly unknown[],
  schema: Schema | undefined,
  options: Options,
): void {
  const meta = metaForDiff(schema, key, before, after)
  if (!meta) return
  if (meta.strategy !== 'merge') {
    if (options.changes && !isEqual(before, after)) setOwn(patch, key, after)
    return
  }
  if (before.length === 0) {
    if (after.length > 0 && options.changes) setOwn(patch, key, after)
    return
  }
  const isOfMaps = isObject(before[0] ?? after[0])
  const { items, deleted } = isOfMaps
    ? diffListsOfMaps(before, after, meta, options)
    : diffListsOfValues(before, after, options)
  if (items.length > 0) setOwn(patch, key, items)
  if (deleted.length > 0) patch[`${DELETE_FROM_PRIMITIVE_LIST}/${key}`] = deleted
  const order = orderList(after, meta.mergeKey)
  if (order.length === 0) return
  const hasNewOrder = options.changes && !isEqual(order, orderBefore(before, meta.mergeKey))
  if (items.length > 0 || deleted.length > 0 || hasNewOrder)
    patch[`${SET_ELEMENT_ORDER}/${key}`] = order
}

/**
 * Real clients compare the new order of plain values with the old values sorted, so they name the
 * order of a list that isn't sorted even when nothing changes: then `kubectl apply` says
 * "configured".
 */
function orderBefore(before: readonly unknown[], mergeKey: string): readonly unknown[] {
  const order = orderList(before, mergeKey)
  return isObject(before[0]) ? order : order.sort(byText)
}

const byText = (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : 1)

interface ListDiff {
  readonly items: readonly unknown[]
  readonly deleted: readonly unknown[]
}

function diffListsOfMaps(
  before: readonly unknown[],
  after: readonly unknown[],
  meta: PatchMeta,
  options: Options,
): ListDiff {
  const { mergeKey } = meta
  if (mergeKey === '') throw new PatchError('cannot merge lists without merge key')
  const items: unknown[] = []
  for (const item of after as readonly JsonObject[]) {
    const index = indexOfItem(before, item, mergeKey)
    if (index < 0) {
      if (options.changes) items.push(item)
      continue
    }
    const inner = diffMaps(before[index] as JsonObject, item, meta.schema, {
      ...options,
      retainKeys: meta.retainKeys,
    })
    if (Object.keys(inner).length > 0) items.push({ ...inner, [mergeKey]: item[mergeKey] })
  }
  const deletions = before
    .filter((item) => options.deletions && indexOfItem(after, item, mergeKey) < 0)
    .map((item) => identityOf(item, mergeKey))
    .sort(byText)
    .map((identity) => ({ [PATCH]: 'delete', [mergeKey]: identity }))
  return { items: [...items, ...deletions], deleted: [] }
}

function diffListsOfValues(
  before: readonly unknown[],
  after: readonly unknown[],
  options: Options,
): ListDiff {
  const missingIn = (list: readonly unknown[]) => (item: unknown) =>
    !list.some((each) => isEqual(each, item))
  return {
    items: options.changes ? after.filter(missingIn(before)) : [],
    deleted: options.deletions ? distinct(before.filter(missingIn(after))).sort(byText) : [],
  }
}
