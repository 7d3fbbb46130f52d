import { isObject } from '../resolve/documents.js'
import { type BuildResource, type Gvk, isSelected } from './resource.js'

type JsonObject = Record<string, unknown>

/** A field of the kinds that the empty parts leave open. */
export interface FieldSpec extends Partial<Gvk> {
  /** `spec/template/metadata/labels`; lists on the way are gone through item by item. */
  readonly path: string
  /** Makes the maps on the way that are missing. */
  readonly create?: boolean
}

/** Returns what the field is to hold; `undefined` leaves it as it is. */
type Change = (value: unknown) => unknown

/** Changes the fields of a resource that a spec means. The object is copied along the way. */
export function changeFields(
  resource: BuildResource,
  specs: readonly FieldSpec[],
  change: Change,
): void {
  const { id } = resource
  for (const spec of specs) {
    if (!isSelected(id, spec)) continue
    const parts = spec.path.split(/(?<!\\)\//).map((part) => part.replaceAll('\\/', '/'))
    const changed = changeAt(resource.object, parts, spec.create ?? false, change)
    resource.object = changed as typeof resource.object
  }
}

function changeAt(
  value: unknown,
  parts: readonly string[],
  create: boolean,
  change: Change,
): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => changeAt(item, parts, create, change) ?? item)
  }
  const [part, ...rest] = parts
  if (part === undefined) return change(value)
  if (!isObject(value)) return value
  const isList = part.endsWith('[]')
  const key = isList ? part.slice(0, -2) : part
  const present = Object.hasOwn(value, key) && value[key] !== null
  // A list that is not there has no items to be made.
  if (!present && (isList || !create)) return value
  const inner = present ? value[key] : rest.length > 0 ? {} : undefined
  const changed = changeAt(inner, rest, create, change)
  return changed === undefined ? value : { ...value, [key]: changed }
}

/** Entries added to a map, which may be missing yet. */
export const withEntries =
  (entries: Readonly<Record<string, string>>): Change =>
  (value) => ({ ...(isObject(value) ? value : ({} as JsonObject)), ...entries })
