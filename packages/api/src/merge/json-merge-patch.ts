import { deepCopy, isEqual, setOwn } from '../json/equality.js'

type JsonObject = Record<string, unknown>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The target with the patch applied: objects merge, null removes, anything else replaces.
 * Neither argument is changed; the result shares unchanged parts with the target.
 * Source: RFC 7386.
 */
export function applyJsonMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return deepCopy(patch)
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === undefined) continue
    if (value === null) delete result[key]
    else setOwn(result, key, applyJsonMergePatch(own(result, key), value))
  }
  return result
}

/** The patch that turns `original` into `modified`; empty when there is nothing to change. */
export function createJsonMergePatch(original: JsonObject, modified: JsonObject): JsonObject {
  const patch: JsonObject = {}
  for (const key of Object.keys(modified)) {
    const before = own(original, key)
    const after = modified[key]
    if (after === undefined || isEqual(before, after)) continue
    const value = isObject(before) && isObject(after) ? createJsonMergePatch(before, after) : after
    setOwn(patch, key, deepCopy(value))
  }
  for (const key of Object.keys(original))
    if (original[key] !== undefined && own(modified, key) === undefined) setOwn(patch, key, null)
  return patch
}

/**
 * What `kubectl apply` sends for kinds without a merge strategy: the changes from `current` to
 * `modified`, and the removal of what was in `original` (as last applied) and no longer is.
 */
export function createThreeWayJsonMergePatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
): JsonObject {
  const changes = onlyChanges(createJsonMergePatch(current, modified))
  const deletions = onlyDeletions(createJsonMergePatch(original, modified))
  return applyJsonMergePatch(deletions, changes) as JsonObject
}

/** Without the nulls, and without the objects that held nothing else. */
function onlyChanges(patch: JsonObject): JsonObject {
  const kept: JsonObject = {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) continue
    const isPatch = isObject(value) && Object.keys(value).length > 0
    const inner = isPatch ? onlyChanges(value) : value
    if (!isPatch || Object.keys(inner as JsonObject).length > 0) setOwn(kept, key, inner)
  }
  return kept
}

function onlyDeletions(patch: JsonObject): JsonObject {
  const kept: JsonObject = {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) setOwn(kept, key, null)
    else if (isObject(value)) {
      const inner = onlyDeletions(value)
      if (Object.keys(inner).length > 0) setOwn(kept, key, inner)
    }
  }
  return kept
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
