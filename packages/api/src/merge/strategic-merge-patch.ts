import { isEqual, setOwn } from '../json/equality.js'
import type { Schema } from '../schema/schema.js'
import { distinct, identityOf, indexOfItem, orderMerged } from './element-order.js'
import {
  badFormat,
  badPatchType,
  goPrint,
  goType,
  noMergeKey,
  notAList,
  notAMap,
  PatchError,
  wrongOrder,
} from './patch-error.js'
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

/**
 * The target with a strategic merge patch applied: lists merge by their key where the schema says
 * so, and the patch may carry directives (`$patch`, `$retainKeys`, `$setElementOrder/…`,
 * `$deleteFromPrimitiveList/…`). Neither argument is changed; the result may share parts with both.
 * Throws `PatchError`.
 */
export function applyStrategicMergePatch(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema,
): JsonObject {
  return mergeMaps(target, patch, schema, { keepsDirectives: false })
}

/**
 * Two patches as one, the second after the first: directives stay in the result. (Making a
 * three-way patch needs it; `applyStrategicMergePatch` carries the directives out.)
 */
export function mergePatches(first: JsonObject, second: JsonObject, schema: Schema): JsonObject {
  return mergeMaps(first, second, schema, { keepsDirectives: true })
}

interface Options {
  /** The target is a patch itself: directives move into it, and nulls stay. */
  readonly keepsDirectives: boolean
}

function mergeMaps(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
  options: Options,
): JsonObject {
  if (Object.hasOwn(patch, PATCH)) return directed(patch)
  const result = { ...target }
  const rest = { ...patch }
  retainKeys(result, rest, options)
  orderElements(result, rest, schema, options)
  for (const [key, value] of Object.entries(rest)) mergeField(result, key, value, schema, options)
  return result
}

/** A map that says itself what to do: give way to the patch, or be emptied. */
function directed(patch: JsonObject): JsonObject {
  const { [PATCH]: directive, ...rest } = patch
  if (directive === 'replace') return rest
  if (directive === 'delete') return {}
  throw badPatchType(directive, patch)
}

function mergeField(
  result: JsonObject,
  key: string,
  value: unknown,
  schema: Schema | undefined,
  options: Options,
): void {
  if (key.startsWith(DELETE_FROM_PRIMITIVE_LIST)) {
    if (options.keepsDirectives) result[key] = value
    else if (!key.startsWith(`${DELETE_FROM_PRIMITIVE_LIST}/`)) throw badFormat('primitive list')
    else {
      const name = key.slice(DELETE_FROM_PRIMITIVE_LIST.length + 1)
      deleteFromList(result, name, value, patchMetaOf(schema, name), options)
    }
    return
  }
  if (value === null) {
    delete result[key]
    if (options.keepsDirectives) setOwn(result, key, null)
    return
  }
  const existing = Object.hasOwn(result, key) ? result[key] : undefined
  if (isObject(existing) && isObject(value)) {
    const meta = patchMetaOf(schema, key)
    const merges = meta.strategy !== 'replace'
    setOwn(result, key, merges ? mergeMaps(existing, value, meta.schema, options) : value)
  } else if (Array.isArray(existing) && Array.isArray(value)) {
    setOwn(result, key, mergeListField(existing, value, patchMetaOf(schema, key), options))
  } else {
    const added = options.keepsDirectives ? value : withoutDirectives(value)
    if (added !== DROPPED) setOwn(result, key, added)
  }
}

function mergeListField(
  existing: readonly unknown[],
  patch: readonly unknown[],
  meta: PatchMeta,
  options: Options,
): readonly unknown[] {
  return meta.strategy === 'merge' ? mergeLists(existing, patch, meta, options) : patch
}

function mergeLists(
  existing: readonly unknown[],
  patch: readonly unknown[],
  meta: PatchMeta,
  options: Options,
): unknown[] {
  if (existing.length === 0 && patch.length === 0) return []
  if (!isListOfMaps(existing, patch)) {
    const merged = distinct([...existing, ...patch])
    return orderMerged(merged, patch, existing, '')
  }
  if (meta.mergeKey === '') throw new PatchError('cannot merge lists without merge key for struct')
  const { base, rest } = carryOutItems(existing, patch, meta.mergeKey)
  const merged = [...base]
  for (const item of rest) {
    const index = indexOfItem(merged, item, meta.mergeKey)
    if (index >= 0) {
      merged[index] = mergeMaps(merged[index] as JsonObject, item, meta.schema, options)
    } else {
      // As it is, with nulls and what else it may hold: so the real server has it.
      merged.push(item)
    }
  }
  return orderMerged(merged, rest, base, meta.mergeKey)
}

/** Items of a list are all maps or all plain values of one type, never lists. */
function isListOfMaps(...lists: (readonly unknown[])[]): boolean {
  const items = lists.flat(1)
  if (items.length === 0) throw new PatchError('no elements in any of the given slices')
  const [first] = items
  if (Array.isArray(first)) throw new PatchError('lists of lists are not supported')
  if (items.some((item) => goType(item) !== goType(first)))
    throw new PatchError(`list element types are not identical: ${goPrint(lists)}`)
  return isObject(first)
}

/** Carries out the items that are directives; `rest` are the others. */
function carryOutItems(
  existing: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): { base: readonly unknown[]; rest: readonly JsonObject[] } {
  let base = existing
  let replaces = false
  const rest: JsonObject[] = []
  for (const item of patch as readonly JsonObject[]) {
    const directive = item[PATCH]
    if (directive === undefined) rest.push(item)
    else if (directive === 'replace') replaces = true
    else if (directive === 'delete') {
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey)
      base = base.filter((each) => !isEqual(identityOf(each, mergeKey), item[mergeKey]))
    } else if (directive === 'merge')
      throw new PatchError('merging lists cannot yet be specified in the patch')
    else throw badPatchType(directive, item)
  }
  return replaces ? { base: rest, rest: [] } : { base, rest }
}

/** Maps can't be taken out like that: of a list of them, the values are merged into it after all. */
function deleteFromList(
  result: JsonObject,
  key: string,
  values: unknown,
  meta: PatchMeta,
  options: Options,
): void {
  const list = result[key]
  if (values === null) delete result[key]
  if (!Array.isArray(list) || !Array.isArray(values)) return
  const isEmpty = list.length === 0 && values.length === 0
  result[key] =
    !isEmpty && isListOfMaps(list, values)
      ? mergeLists(list, values, meta, options)
      : list.filter((item) => !values.some((value) => isEqual(value, item)))
}

/** `$retainKeys`: fields of the target that it does not name go away. */
function retainKeys(result: JsonObject, patch: JsonObject, { keepsDirectives }: Options): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return
  const kept = patch[RETAIN_KEYS]
  delete patch[RETAIN_KEYS]
  if (!Array.isArray(kept)) throw badFormat('retainKeys')
  if (keepsDirectives) {
    if (Object.hasOwn(result, RETAIN_KEYS) && !isEqual(result[RETAIN_KEYS], kept))
      throw badFormat('retainKeys')
    result[RETAIN_KEYS] = kept
    return
  }
  for (const [key, value] of Object.entries(patch))
    if (value !== null && !isDirective(key) && !kept.includes(key)) throw badFormat('retainKeys')
  for (const key of Object.keys(result)) if (!kept.includes(key)) delete result[key]
}

const isDirective = (key: string) =>
  key.startsWith(DELETE_FROM_PRIMITIVE_LIST) || key.startsWith(SET_ELEMENT_ORDER)

/** `$setElementOrder/list`: merges that list, and puts it into the order that the patch asks for. */
function orderElements(
  result: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
  options: Options,
): void {
  for (const directive of Object.keys(patch)) {
    if (!directive.startsWith(SET_ELEMENT_ORDER)) continue
    const order = patch[directive]
    delete patch[directive]
    if (!Array.isArray(order)) throw notAList(order)
    if (!directive.startsWith(`${SET_ELEMENT_ORDER}/`)) throw badFormat('setElementOrder list')
    if (options.keepsDirectives) {
      if (Object.hasOwn(result, directive) && !isEqual(result[directive], order))
        throw badFormat('setElementOrder list')
      result[directive] = order
    }
    const key = directive.slice(SET_ELEMENT_ORDER.length + 1)
    const lists = { existing: listOf(result, key), patch: listOf(patch, key) }
    const ordered = orderedList(lists, order, patchMetaOf(schema, key), options)
    if (ordered) result[key] = ordered
    delete patch[key]
  }
}

function listOf(object: JsonObject, key: string): readonly unknown[] | undefined {
  if (!Object.hasOwn(object, key)) return undefined
  const value = object[key]
  if (!Array.isArray(value)) throw notAList(value)
  return value
}

interface Lists {
  readonly existing: readonly unknown[] | undefined
  readonly patch: readonly unknown[] | undefined
}

function orderedList(
  { existing, patch }: Lists,
  order: readonly unknown[],
  meta: PatchMeta,
  options: Options,
): readonly unknown[] | undefined {
  if (patch) checkOrder(patch, order, meta.mergeKey)
  const merged = mergedList({ existing, patch }, meta, options)
  if (!merged) return undefined
  if (meta.mergeKey !== '') checkIdentities(merged, order, meta.mergeKey)
  isListOfMaps(existing ?? [], patch ?? [])
  return orderMerged(merged, order, existing ?? [], meta.mergeKey)
}

function mergedList(
  { existing, patch }: Lists,
  meta: PatchMeta,
  options: Options,
): readonly unknown[] | undefined {
  if (!patch) return existing
  if (existing) return mergeListField(existing, patch, meta, options)
  return options.keepsDirectives ? patch : (withoutDirectives(patch) as readonly unknown[])
}

/** What the patch changes must be in the order list, in the same order. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return
  const items = patch.filter((item) => !(isObject(item) && Object.hasOwn(item, PATCH)))
  let next = 0
  for (const one of order) {
    if (next === items.length) return
    if (isSameItem(items[next], one, mergeKey)) next++
  }
  if (next < items.length) throw wrongOrder(patch, order)
}

function isSameItem(item: unknown, other: unknown, mergeKey: string): boolean {
  if (mergeKey === '') return isEqual(item, other)
  for (const one of [item, other]) if (!isObject(one)) throw notAMap(one)
  return isEqual(identityOf(item, mergeKey), identityOf(other, mergeKey))
}

/** Each item of the merged list is looked for in the order list, whose items must be maps. */
function checkIdentities(
  merged: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string,
): void {
  for (const item of merged) {
    if (!isObject(item)) throw notAMap(item)
    const identity = identityOf(item, mergeKey)
    for (const [index, one] of order.entries()) {
      if (!isObject(one)) throw new PatchError(`value for key ${index} is not a map`)
      if (isEqual(one[mergeKey], identity)) break
    }
  }
}

const DROPPED: unique symbol = Symbol('dropped')

/**
 * A value that is new to the target: its nulls have nothing to act on, and a map that carries a
 * `$patch` is no value at all, whichever it is. Other directives stay, as they do in the real
 * server, which then says that it doesn't know such fields.
 */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== DROPPED)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, PATCH)) return DROPPED
  const cleaned: JsonObject = {}
  for (const [key, each] of Object.entries(value)) {
    if (each === null) continue
    const inner = withoutDirectives(each)
    if (inner !== DROPPED) setOwn(cleaned, key, inner)
  }
  return cleaned
}
