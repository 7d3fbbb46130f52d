import { FieldSet } from '@miniplane/api'

type FieldsV1 = Readonly<Record<string, unknown>>

/** Shapes that are kept although nobody may use them any more. */
const SHAPES_MAX = 1_024

/**
 * Field sets and their written form, made once for all objects whose managers own the same fields:
 * the Pods of one workload share one tree of each. What is handed out is shared and never changed.
 */
export class FieldShapes {
  /** By JSON text, the least recently used first. */
  readonly #byText = new Map<string, FieldsV1>()
  readonly #sets = new WeakMap<object, FieldSet>()
  readonly #written = new WeakMap<FieldSet, FieldsV1>()

  /** Throws `FieldsFormatError`. */
  read(fieldsV1: unknown): FieldSet {
    if (typeof fieldsV1 !== 'object' || fieldsV1 === null) return FieldSet.fromFieldsV1(fieldsV1)
    let set = this.#sets.get(fieldsV1)
    if (!set) {
      set = FieldSet.fromFieldsV1(fieldsV1)
      this.#sets.set(fieldsV1, set)
    }
    return set
  }

  write(set: FieldSet): FieldsV1 {
    let written = this.#written.get(set)
    if (!written) {
      written = this.#share(set.toFieldsV1())
      this.#written.set(set, written)
      if (!this.#sets.has(written)) this.#sets.set(written, set)
    }
    return written
  }

  #share(fieldsV1: FieldsV1): FieldsV1 {
    const text = JSON.stringify(fieldsV1)
    const known = this.#byText.get(text)
    if (known) this.#byText.delete(text)
    else if (this.#byText.size >= SHAPES_MAX) this.#dropOldest()
    const shared = known ?? fieldsV1
    this.#byText.set(text, shared)
    return shared
  }

  #dropOldest(): void {
    for (const text of this.#byText.keys()) {
      this.#byText.delete(text)
      return
    }
  }
}
