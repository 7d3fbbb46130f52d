import { FieldSet } from '@miniplane/api'

type FieldsV1 = Readonly<Record<string, unknown>>

/** Half of the shapes that are kept although nobody may use them any more. */
const SHAPES_MAX = 512

/**
 * Field sets and their written form, made once for all objects whose managers own the same fields:
 * the Pods of one workload share one tree of each. What is handed out is shared and never changed.
 */
export class FieldShapes {
  /** By the set's signature. When there are too many, those that were not used lately go. */
  #recent = new Map<string, FieldsV1>()
  #earlier: ReadonlyMap<string, FieldsV1> = new Map()
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
      written = this.#share(set)
      this.#written.set(set, written)
    }
    return written
  }

  #share(set: FieldSet): FieldsV1 {
    const signature = set.signature()
    const recent = this.#recent.get(signature)
    if (recent) return recent
    let written = this.#earlier.get(signature)
    if (!written) {
      written = set.toFieldsV1()
      this.#sets.set(written, set)
    }
    if (this.#recent.size >= SHAPES_MAX) {
      this.#earlier = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(signature, written)
    return written
  }
}
