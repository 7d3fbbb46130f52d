import {
  FieldsFormatError,
  isEqual,
  type KubeObject,
  type ManagedFieldsEntry,
  type ManagedSet,
  type ManagedSets,
  parseTime,
} from '@miniplane/api'
import type { FieldShapes } from './field-shapes.js'
import { type Identity, identifierOf } from './identity.js'

/** Who owns which fields of one object, and since when: `metadata.managedFields` taken apart. */
export interface Managed {
  /** By identifier. */
  readonly sets: ManagedSets
  /** By identifier, as written: RFC 3339. A manager may have none. */
  readonly times: ReadonlyMap<string, string>
  /** What it was read from, with identifiers. */
  readonly list: readonly ManagedFieldsEntry[]
  readonly entries: ReadonlyMap<string, ManagedFieldsEntry>
}

export const NOBODY: Managed = {
  sets: new Map(),
  times: new Map(),
  list: [],
  entries: new Map(),
}

/** Says which entry can't be read, in the real server's words. */
export class ManagedFieldsError extends Error {
  override readonly name = 'ManagedFieldsError'
}

/** Throws `ManagedFieldsError`. */
export function readManaged(
  list: readonly ManagedFieldsEntry[] | undefined,
  shapes: FieldShapes,
): Managed {
  if (!list || list.length === 0) return NOBODY
  const sets = new Map<string, ManagedSet>()
  const times = new Map<string, string>()
  const entries = new Map<string, ManagedFieldsEntry>()
  list.forEach((entry, index) => {
    checkEntry(entry, index)
    const { operation, apiVersion = '', time } = entry
    const identifier = identifierOf(entry)
    const fields = readFields(entry, shapes)
    sets.set(identifier, { apiVersion, isApplied: operation === 'Apply', fields })
    if (time) times.set(identifier, time)
    entries.set(identifier, entry)
  })
  return { sets, times, list, entries }
}

function checkEntry({ operation, apiVersion, fieldsType }: ManagedFieldsEntry, index: number) {
  if (operation !== 'Apply' && operation !== 'Update')
    throw new ManagedFieldsError('operation must be `Apply` or `Update`')
  if (!apiVersion) throw new ManagedFieldsError('apiVersion must not be empty')
  if (!fieldsType)
    throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`)
  if (fieldsType !== 'FieldsV1')
    throw new ManagedFieldsError(
      `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`,
    )
}

function readFields({ fieldsV1 = {} }: ManagedFieldsEntry, shapes: FieldShapes) {
  try {
    return shapes.read(fieldsV1)
  } catch (error) {
    if (!(error instanceof FieldsFormatError)) throw error
    throw new ManagedFieldsError(`error decoding versioned set: ${error.message}`)
  }
}

/**
 * The entries in the real server's order, undefined when nobody owns anything. Those of `former`
 * that did not change are used again, and the whole list when none did.
 */
export function writeManaged(
  { sets, times, list, entries: former }: Managed,
  shapes: FieldShapes,
): ManagedFieldsEntry[] | undefined {
  if (sets.size === 0) return undefined
  const entries: ManagedFieldsEntry[] = []
  for (const [identifier, set] of sets) {
    const time = times.get(identifier)
    const known = former.get(identifier)
    const isSame = known !== undefined && isUnchanged(known, set, time, shapes)
    entries.push(
      isSame ? known : writeEntry(known ?? shapes.identity(identifier), set, time, shapes),
    )
  }
  if (entries.length > 1) entries.sort(compareEntries)
  const isSame = entries.length === list.length && entries.every((one, i) => one === list[i])
  return isSame ? (list as ManagedFieldsEntry[]) : entries
}

const isUnchanged = (
  entry: ManagedFieldsEntry,
  { apiVersion, fields }: ManagedSet,
  time: string | undefined,
  shapes: FieldShapes,
) =>
  entry.time === time &&
  entry.apiVersion === apiVersion &&
  shapes.read(entry.fieldsV1 ?? {}) === fields

/** In the order of the schema, so that nobody has to put it in order again. */
function writeEntry(
  { manager, operation = '', subresource }: Identity,
  { apiVersion, isApplied, fields }: ManagedSet,
  time: string | undefined,
  shapes: FieldShapes,
): ManagedFieldsEntry {
  const entry: ManagedFieldsEntry = {}
  if (manager) entry.manager = manager
  entry.operation = isApplied ? 'Apply' : operation
  entry.apiVersion = apiVersion
  if (time !== undefined) entry.time = time
  entry.fieldsType = 'FieldsV1'
  entry.fieldsV1 = shapes.write(fields)
  if (subresource) entry.subresource = subresource
  return entry
}

function isSameButForTime(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.apiVersion === b.apiVersion &&
    a.subresource === b.subresource &&
    isEqual(a.fieldsV1, b.fieldsV1)
  )
}

/** Whether the same managers own the same fields, whatever the times. */
export function isSameOwnership(
  a: readonly ManagedFieldsEntry[] = [],
  b: readonly ManagedFieldsEntry[] = [],
): boolean {
  return a.length === b.length && a.every((one, i) => isSameButForTime(one, b[i] ?? {}))
}

const secondsOf = (time: string | undefined) =>
  time === undefined ? 0 : Math.floor(parseTime(time) / 1000)

/** Appliers first, then by time, then by name. */
function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareTexts(a.operation, b.operation) ||
    (a.time === b.time ? 0 : secondsOf(a.time) - secondsOf(b.time)) ||
    compareTexts(a.manager, b.manager) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.subresource, b.subresource)
  )
}

const compareTexts = (a = '', b = '') => (a === b ? 0 : a < b ? -1 : 1)

/** `[]` or `[{}]`: the client wants to forget who owns what. */
export function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (!entries) return false
  const [first] = entries
  return first === undefined || (entries.length === 1 && Object.keys(first).length === 0)
}

/** Decoding drops empty lists; an empty one of managers says something. */
export function keepReset(object: KubeObject, source: unknown): void {
  const sent = (source as Partial<KubeObject> | null)?.metadata?.managedFields
  if (Array.isArray(sent) && sent.length === 0) object.metadata.managedFields = []
}
