import { FieldSet } from '@miniplane/api'
import { type Identity, identityOf } from './identity.js'
import { RecentlyUsed, setWeight, signatureWeight } from './recently-used.js'

type FieldsV1 = Readonly<Record<string, unknown>>

const SHAPES_MAX = 512
const IDENTITIES_MAX = 256
const PARTS_MAX = 2_048
/** `f:status` and `f:conditions` below it: deep enough to set apart what differs. */
const UPPER_LEVELS = 2
/** Every path that has none below it. */
const LEAF: FieldsV1 = Object.freeze({})

/**
 * Field sets and their written form, and the names of managers, made once for all objects whose managers own the same fields:
 * the Pods of one workload share one tree of each, and where trees differ (by an address) the parts
 * that don't. What is handed out is shared and never changed.
 */
export class FieldShapes {
  readonly #bySignature = new RecentlyUsed<string, FieldsV1>(SHAPES_MAX, signatureWeight)
  /** Not tied to the life of the written form: a set takes several times its room. */
  readonly #sets = new RecentlyUsed<unknown, FieldSet>(SHAPES_MAX, setWeight)
  readonly #written = new WeakMap<FieldSet, FieldsV1>()
  readonly #identities = new RecentlyUsed<string, Identity>(IDENTITIES_MAX)
  /** By signature: what stands below the upper levels. */
  readonly #parts = new RecentlyUsed<string, FieldsV1>(PARTS_MAX, signatureWeight)

  /** The identity behind a text of `identifierOf`. */
  identity(identifier: string): Identity {
    let identity = this.#identities.get(identifier)
    if (!identity) {
      identity = identityOf(identifier)
      this.#identities.set(identifier, identity)
    }
    return identity
  }

  /** Throws `FieldsFormatError`. */
  read(fieldsV1: unknown): FieldSet {
    let set = this.#sets.get(fieldsV1)
    if (!set) {
      set = FieldSet.fromFieldsV1(fieldsV1)
      if (typeof fieldsV1 === 'object') this.#sets.set(fieldsV1, set)
    }
    return set
  }

  write(set: FieldSet): FieldsV1 {
    let written = this.#written.get(set)
    if (!written) {
      const signature = set.signature()
      written = this.#bySignature.get(signature)
      if (!written) {
        written = this.#assembled(set, UPPER_LEVELS)
        this.#bySignature.set(signature, written)
        this.#sets.set(written, set)
      }
      this.#written.set(set, written)
    }
    return written
  }

  /** Writes the upper levels; what is below them is usually written already. */
  #assembled(set: FieldSet, levels: number): FieldsV1 {
    if (set.children.size === 0) return LEAF
    if (levels === 0) return this.#part(set)
    const node = ownMember(set)
    for (const name of inOrder(set))
      node[name] = this.#assembled(set.children.get(name) as FieldSet, levels - 1)
    return node
  }

  #part(set: FieldSet): FieldsV1 {
    const signature = set.signature()
    let written = this.#parts.get(signature)
    if (!written) {
      written = Object.assign(ownMember(set), set.toFieldsV1())
      this.#parts.set(signature, written)
    }
    return written
  }
}

/** What a node that is not the root says of itself. */
const ownMember = ({ isMember }: FieldSet): Record<string, unknown> =>
  isMember ? { '.': LEAF } : {}

/** Fields in the order of their names, and others as they are written. */
function inOrder({ children }: FieldSet): readonly string[] {
  const names = [...children.keys()]
  if (names.every((name) => name.startsWith('f:'))) return names.sort()
  const leaves = names.map((name) => [name, FieldSet.leaf] as const)
  return Object.keys(FieldSet.of(new Map(leaves)).toFieldsV1())
}
