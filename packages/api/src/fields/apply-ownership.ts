import { isEqual } from '../json/equality.js'
import type { StructSchema } from '../schema/schema.js'
import { type FieldPath, FieldSet } from './field-set.js'
import type { JsonObject } from './kinds-of-value.js'
import {
  type ManagedSet,
  type ManagedSets,
  reconcile,
  VersionedObject,
  type Versions,
} from './managed-sets.js'
import { mergeApplied } from './merge-applied.js'
import { withNamedFields } from './named-fields.js'
import { ownedFields } from './owned-fields.js'
import { removeFields } from './remove-fields.js'
import { ChangesByVersion, withoutChanged } from './update-ownership.js'

/** Every object has metadata: saying no more of it than that it is there owns nothing. */
const METADATA = FieldSet.fromPaths([[{ kind: 'field', name: 'metadata' }]])

export interface FieldConflict {
  readonly manager: string
  readonly path: FieldPath
}

/** Others own what the applier wants to change. Ordered by manager, then as the set is. */
export class ApplyConflict extends Error {
  override readonly name = 'ApplyConflict'
  readonly conflicts: readonly FieldConflict[]

  constructor(conflicts: readonly FieldConflict[]) {
    super(`${conflicts.length} conflicts`)
    this.conflicts = conflicts
  }
}

export interface OwnershipApply {
  readonly live: JsonObject
  readonly config: JsonObject
  /** Of both. */
  readonly apiVersion: string
  readonly managers: ManagedSets
  readonly manager: string
  /** Take what others own. */
  readonly force: boolean
  readonly versions: Versions
  /** Fields that nobody owns, with all below them. */
  readonly ignored?: FieldSet
}

/**
 * Applies a configuration: merges it, removes what the manager applied last time and now doesn't,
 * unless others own it, and says who owns what then. `object` is undefined when nothing changed.
 * Throws `ApplyConflict` when others own what would change and `force` is not set.
 */
export function applyOwnership(apply: OwnershipApply): {
  object: JsonObject | undefined
  managers: ManagedSets
} {
  const { live, config, apiVersion, manager, force, versions, ignored } = apply
  const schema = versions.schemaOf(apiVersion)
  if (!schema) throw new Error(`no schema for ${apiVersion}`)
  const before = new VersionedObject(live, apiVersion, versions)
  const reconciled = reconcile(apply.managers, versions)
  const last = reconciled.get(manager)
  const owned = ownedFields(config, schema)
  const fields = ignored ? owned.recursiveDifference(ignored).difference(METADATA) : owned
  const managers = new Map(reconciled).set(manager, applied(last, apiVersion, fields))
  // Whatever is nobody's to own, what is applied is not to be removed: a name above all.
  const applying = new Map(managers).set(manager, applied(last, apiVersion, owned))
  const after = prune(mergeApplied(live, config, schema), { ...apply, managers: applying }, last)
  const written = new VersionedObject(after, apiVersion, versions)
  const changes = new ChangesByVersion(before, written, versions, ignored)
  if (!force) throwConflicts(managers, manager, changes)
  const rest = new Map(withoutChanged(managers, manager, changes))
  if (fields.isEmpty) rest.delete(manager)
  return { object: after === live || isEqual(live, after) ? undefined : after, managers: rest }
}

/** The entry as it was, when it says the same. */
function applied(last: ManagedSet | undefined, apiVersion: string, fields: FieldSet): ManagedSet {
  if (last?.isApplied && last.apiVersion === apiVersion && last.fields.equals(fields)) return last
  return { apiVersion, isApplied: true, fields }
}

function throwConflicts(managers: ManagedSets, applier: string, changes: ChangesByVersion): void {
  const conflicts: FieldConflict[] = []
  for (const [manager, { apiVersion, fields }] of managers) {
    const changed = manager === applier ? undefined : changes.at(apiVersion)
    if (!changed) continue
    for (const path of fields.intersection(changed.set).paths()) conflicts.push({ manager, path })
  }
  if (conflicts.length === 0) return
  throw new ApplyConflict(conflicts.sort((a, b) => compare(a.manager, b.manager)))
}

const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)

/** Removes what the manager applied last, applies no more, and nobody else owns. */
function prune(
  merged: JsonObject,
  apply: OwnershipApply,
  last: ManagedSet | undefined,
): JsonObject {
  const { apiVersion, managers, manager, versions } = apply
  if (!last || last.fields.isEmpty) return merged
  const now = managers.get(manager) as ManagedSet
  // All of it is applied again: whatever else, the manager still owns it.
  if (last.apiVersion === apiVersion && last.fields.difference(now.fields).isEmpty) return merged
  const schema = versions.schemaOf(last.apiVersion)
  if (!schema) return merged
  const object = new VersionedObject(merged, apiVersion, versions).at(last.apiVersion)
  const lastFields = withNamedFields(last.fields, schema)
  let pruned = removeFields(object, lastFields, schema)
  let prunedVersion = last.apiVersion
  for (const [version, owned] of ownedByVersion(managers, last.apiVersion)) {
    const versionSchema = versions.schemaOf(version)
    if (!versionSchema) continue
    const whole = inVersion(object, last.apiVersion, version, versions)
    pruned = inVersion(pruned, prunedVersion, version, versions)
    pruned = addBackOwned(whole, pruned, owned, versionSchema)
    prunedVersion = version
  }
  pruned = inVersion(pruned, prunedVersion, last.apiVersion, versions)
  pruned = addBackDangling(object, pruned, lastFields, schema)
  return inVersion(pruned, last.apiVersion, apiVersion, versions)
}

function inVersion(object: JsonObject, from: string, to: string, versions: Versions): JsonObject {
  return from === to ? object : versions.convert(object, to)
}

/** All that is owned, by version: first the one in which the object stands. */
function ownedByVersion(managers: ManagedSets, first: string): [string, FieldSet][] {
  const owned = new Map<string, FieldSet>()
  for (const { apiVersion, fields } of managers.values())
    owned.set(apiVersion, (owned.get(apiVersion) ?? FieldSet.empty).union(fields))
  const order = ([a]: [string, FieldSet], [b]: [string, FieldSet]) =>
    Number(b === first) - Number(a === first) || compare(a, b)
  return [...owned].sort(order)
}

/** What was removed though somebody owns it, or a part of it, comes back. */
function addBackOwned(
  whole: JsonObject,
  pruned: JsonObject,
  owned: FieldSet,
  schema: StructSchema,
): JsonObject {
  const kept = named(pruned, schema).union(withNamedFields(owned, schema))
  return removeFields(whole, named(whole, schema).difference(kept), schema)
}

/** What was removed with an item but was never the applier's comes back. */
function addBackDangling(
  whole: JsonObject,
  pruned: JsonObject,
  last: FieldSet,
  schema: StructSchema,
): JsonObject {
  const removed = named(whole, schema).difference(named(pruned, schema))
  return removeFields(whole, removed.intersection(last), schema)
}

const named = (object: JsonObject, schema: StructSchema) =>
  withNamedFields(ownedFields(object, schema), schema)
