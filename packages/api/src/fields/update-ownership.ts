import type { StructSchema } from '../schema/schema.js'
import { compareFields, type FieldChanges } from './compare-fields.js'
import { FieldSet } from './field-set.js'
import type { JsonObject } from './kinds-of-value.js'
import {
  type ManagedSet,
  type ManagedSets,
  reconcile,
  VersionedObject,
  type Versions,
} from './managed-sets.js'

export interface OwnershipUpdate {
  /** Undefined when the object is new. */
  readonly before: JsonObject | undefined
  readonly after: JsonObject
  /** Of both, and of the manager that made the change. */
  readonly apiVersion: string
  readonly managers: ManagedSets
  readonly manager: string
  readonly versions: Versions
  /** Fields that nobody owns, with all below them. */
  readonly ignored?: FieldSet
}

/**
 * Who owns what after a write: the writer has what it added or changed, and everybody loses what
 * was changed by another or is gone. Managers that own nothing are left out; entries that did not
 * change are the same (`===`), and so is the map when none did.
 */
export function updateOwnership(update: OwnershipUpdate): {
  object: JsonObject
  managers: ManagedSets
} {
  const { after, apiVersion, manager, versions, ignored } = update
  const live = update.before && new VersionedObject(update.before, apiVersion, versions)
  const managers = reconcile(update.managers, versions)
  const written = new VersionedObject(after, apiVersion, versions)
  const changes = new ChangesByVersion(live, written, versions, ignored)
  const own = changes.at(apiVersion)
  if (!own) throw new Error(`no schema for ${apiVersion}`)
  const rest = withoutChanged(managers, manager, changes)
  const before = managers.get(manager)
  // An item that is doubled, or no more, is removed in one form and added in the other.
  let fields = (before?.fields ?? FieldSet.empty).difference(own.removed).union(own.set)
  if (ignored) fields = fields.recursiveDifference(ignored)
  return {
    object: after,
    managers: withManager(rest, manager, before, { apiVersion, isApplied: false, fields }),
  }
}

function withManager(
  managers: ManagedSets,
  manager: string,
  before: ManagedSet | undefined,
  now: ManagedSet,
): ManagedSets {
  if (now.fields.isEmpty) {
    if (!managers.has(manager)) return managers
    const rest = new Map(managers)
    rest.delete(manager)
    return rest
  }
  if (
    before &&
    before.apiVersion === now.apiVersion &&
    before.isApplied === now.isApplied &&
    before.fields.equals(now.fields)
  )
    return managers
  return new Map(managers).set(manager, now)
}

/** What changed, in the words of each version that a manager uses; compared once a version. */
export class ChangesByVersion {
  readonly #before: VersionedObject | undefined
  readonly #after: VersionedObject
  readonly #versions: Versions
  readonly #ignored: FieldSet | undefined
  readonly #changes = new Map<string, VersionChanges | undefined>()

  constructor(
    before: VersionedObject | undefined,
    after: VersionedObject,
    versions: Versions,
    ignored: FieldSet | undefined,
  ) {
    this.#before = before
    this.#after = after
    this.#versions = versions
    this.#ignored = ignored
  }

  /** Undefined when the version is not known any more. */
  at(apiVersion: string): VersionChanges | undefined {
    if (this.#changes.has(apiVersion)) return this.#changes.get(apiVersion)
    const schema = this.#versions.schemaOf(apiVersion)
    const changes = schema && new VersionChanges(this.#compare(apiVersion, schema), this.#ignored)
    this.#changes.set(apiVersion, changes)
    return changes
  }

  #compare(apiVersion: string, schema: StructSchema): FieldChanges {
    return compareFields(this.#before?.at(apiVersion), this.#after.at(apiVersion), schema)
  }
}

class VersionChanges implements FieldChanges {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
  #set: FieldSet | undefined

  constructor({ added, modified, removed }: FieldChanges, ignored: FieldSet | undefined) {
    this.added = ignored ? added.recursiveDifference(ignored) : added
    this.modified = ignored ? modified.recursiveDifference(ignored) : modified
    this.removed = ignored ? removed.recursiveDifference(ignored) : removed
  }

  /** What has a new value. */
  get set(): FieldSet {
    this.#set ??= this.modified.union(this.added)
    return this.#set
  }
}

/** The managers without what another one changed or removed, and without those that own nothing. */
export function withoutChanged(
  managers: ManagedSets,
  except: string,
  changes: ChangesByVersion,
): ManagedSets {
  let rest: Map<string, ManagedSet> | undefined
  for (const [name, managed] of managers) {
    if (name === except) continue
    const changed = changes.at(managed.apiVersion)
    const fields = changed
      ? managed.fields.difference(changed.set).difference(changed.removed)
      : FieldSet.empty
    if (fields === managed.fields && !fields.isEmpty) continue
    rest ??= new Map(managers)
    if (fields.isEmpty) rest.delete(name)
    else rest.set(name, { ...managed, fields })
  }
  return rest ?? managers
}
