import type { StructSchema } from '../schema/schema.js'
import type { FieldSet } from './field-set.js'
import type { JsonObject } from './kinds-of-value.js'

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
  readonly #versions: Versions
  readonly #objects = new Map<string, JsonObject>()
  readonly #object: JsonObject

  constructor(object: JsonObject, apiVersion: string, versions: Versions) {
    this.#object = object
    this.#versions = versions
    this.#objects.set(apiVersion, object)
  }

  at(apiVersion: string): JsonObject {
    const known = this.#objects.get(apiVersion)
    if (known) return known
    const converted = this.#versions.convert(this.#object, apiVersion)
    this.#objects.set(apiVersion, converted)
    return converted
  }
}
