import type { StructSchema } from '../schema/schema.js'
import type { FieldSet } from './field-set.js'
import type { JsonObject } from './kinds-of-value.js'
import { reconcileFields } from './reconcile.js'

/** What one manager owns, in the words of the version that it wrote. */
export interface ManagedSet {
  readonly apiVersion: string
  /** By apply, not by update: what it applies no more goes away. */
  readonly isApplied: boolean
  readonly fields: FieldSet
}

/** By the manager's identifier, which the caller makes. */
export type ManagedSets = ReadonlyMap<string, ManagedSet>

/** The versions of one kind. */
export interface Versions {
  /** Undefined for versions that are not served any more. */
  schemaOf(apiVersion: string): StructSchema | undefined
  /** Only asked for versions that have a schema. */
  convert(object: JsonObject, apiVersion: string): JsonObject
}

/** An object in the versions that its managers use, each converted once. */
export class VersionedObject {
  readonly object: JsonObject
  readonly apiVersion: string
  readonly #versions: Versions
  #others: Map<string, JsonObject> | undefined

  constructor(object: JsonObject, apiVersion: string, versions: Versions) {
    this.object = object
    this.apiVersion = apiVersion
    this.#versions = versions
  }

  at(apiVersion: string): JsonObject {
    if (apiVersion === this.apiVersion) return this.object
    const known = this.#others?.get(apiVersion)
    if (known) return known
    const converted = this.#versions.convert(this.object, apiVersion)
    this.#others ??= new Map()
    this.#others.set(apiVersion, converted)
    return converted
  }
}

/** The sets as the schemas of today have them; the same (`===`) when all fit. */
export function reconcile(managers: ManagedSets, versions: Versions): ManagedSets {
  let reconciled: Map<string, ManagedSet> | undefined
  for (const [name, managed] of managers) {
    const schema = versions.schemaOf(managed.apiVersion)
    if (!schema) continue
    const fields = reconcileFields(managed.fields, schema)
    if (fields === managed.fields) continue
    reconciled ??= new Map(managers)
    reconciled.set(name, { ...managed, fields })
  }
  return reconciled ?? managers
}
