import { modelJson } from '../generated/model.js'
import type { ResourceDefinition, SubresourceDefinition, Verb } from './resource-definition.js'
import type { FieldSchema, ScalarName, Schema, StructSchema, UnionSchema } from './schema.js'

/** The shape that scripts/generate/model.mjs writes; see there for the short names. */
interface CompactModel {
  readonly groups: readonly { readonly name: string; readonly versions: readonly string[] }[]
  readonly kinds: readonly CompactKind[]
  readonly types: Readonly<Record<string, CompactType>>
}

interface CompactKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly prefix: string
  readonly resource: string
  readonly singular: string
  readonly namespaced: boolean
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly verbs: readonly Verb[]
  readonly storageVersionHash?: string
  readonly subresources?: Readonly<Record<string, Partial<SubresourceDefinition>>>
}

interface CompactType {
  readonly m?: 1
  readonly a?: 1
  readonly u?: readonly UnionSchema[]
  readonly i?: readonly (readonly [name: string, expression: string, tag: number])[]
  readonly f: readonly CompactField[]
}

type CompactField = readonly [
  name: string,
  expression: string,
  tag: number,
  flags: number,
  rest?: {
    readonly proto?: string
    readonly default?: unknown
    readonly enum?: readonly string[]
    readonly list?: 'atomic' | 'set' | 'map'
    readonly keys?: readonly string[]
    readonly map?: 'atomic' | 'granular'
    readonly patch?: readonly ('merge' | 'replace' | 'retainKeys')[]
    readonly patchKey?: string
  },
]

const REQUIRED = 1
const ALWAYS = 2
const POINTER = 4
const WIRE_ALWAYS = 8

/**
 * The built-in kinds as the tables describe them, in memory. Immutable, and made of nothing but
 * the generated text, so one for all planes of a process; parsed when first asked for.
 */
class BuiltinModel {
  readonly #model = JSON.parse(modelJson) as CompactModel
  readonly #structs = new Map<string, StructSchema>()
  #resources: readonly ResourceDefinition[] | undefined

  get groups(): CompactModel['groups'] {
    return this.#model.groups
  }

  get resources(): readonly ResourceDefinition[] {
    this.#resources ??= this.#model.kinds.map((kind) => this.#resource(kind))
    return this.#resources
  }

  get structNames(): readonly string[] {
    return Object.keys(this.#model.types)
  }

  struct(name: string): StructSchema | undefined {
    const known = this.#structs.get(name)
    if (known) return known
    const compact = this.#model.types[name]
    if (!compact) return undefined
    const fields = new Map<string, FieldSchema>()
    const wireInline: { name: string; tag: number; schema: StructSchema }[] = []
    const struct: StructSchema = {
      type: 'struct',
      name,
      fields,
      typeMeta: compact.m === 1,
      atomic: compact.a === 1,
      unions: compact.u ?? [],
      wireInline,
    }
    // Known before its fields are read, because some types contain themselves.
    this.#structs.set(name, struct)
    for (const field of compact.f) fields.set(field[0], this.#field(field))
    for (const [inlined, expression, tag] of compact.i ?? [])
      wireInline.push({ name: inlined, tag, schema: this.#named(expression) })
    return struct
  }

  #named(name: string): StructSchema {
    const struct = this.struct(name)
    if (!struct) throw new Error(`no type ${name} in the tables`)
    return struct
  }

  #field([name, expression, tag, flags, rest]: CompactField): FieldSchema {
    return {
      name,
      schema: this.#schema(expression),
      tag,
      required: (flags & REQUIRED) !== 0,
      always: (flags & ALWAYS) !== 0,
      pointer: (flags & POINTER) !== 0,
      wireAlways: (flags & WIRE_ALWAYS) !== 0,
      patchStrategies: rest?.patch ?? [],
      ...(rest?.proto !== undefined && { protoName: rest.proto }),
      ...(rest?.default !== undefined && { default: rest.default }),
      ...(rest?.enum && { enum: rest.enum.map(String) }),
      ...(rest?.list && { listType: rest.list }),
      ...(rest?.keys && { listMapKeys: rest.keys }),
      ...(rest?.map && { mapType: rest.map }),
      ...(rest?.patchKey !== undefined && { patchMergeKey: rest.patchKey }),
    }
  }

  #schema(expression: string): Schema {
    const rest = expression.slice(1)
    switch (expression[0]) {
      case '[':
        return { type: 'list', items: this.#schema(rest) }
      case '(':
        return { type: 'list', items: this.#schema(rest), isMessage: true }
      case '{':
        return { type: 'map', values: this.#schema(rest) }
      case '?': {
        const [object = '', items] = rest.split('|')
        return {
          type: 'scalar',
          scalar: 'json',
          object: this.#named(object),
          ...(items !== undefined && { items: this.#schema(items) }),
        }
      }
      default:
        if (expression.includes('.')) return this.#named(expression)
        return { type: 'scalar', scalar: expression as ScalarName }
    }
  }

  #resource(facts: CompactKind): ResourceDefinition {
    const { group, version, kind } = facts
    const subresources = new Map<string, SubresourceDefinition>()
    for (const [name, own] of Object.entries(facts.subresources ?? {}))
      subresources.set(name, { name, kind, group, version, verbs: [], ...own })
    const schema = () => this.#named(`${facts.prefix}.${kind}`)
    return {
      group,
      version,
      kind,
      resource: facts.resource,
      singular: facts.singular,
      listKind: `${kind}List`,
      namespaced: facts.namespaced,
      shortNames: facts.shortNames ?? [],
      categories: facts.categories ?? [],
      verbs: facts.verbs,
      ...(facts.storageVersionHash !== undefined && {
        storageVersionHash: facts.storageVersionHash,
      }),
      subresources,
      // Put together when somebody needs it: most kinds are never used in a short run.
      get schema() {
        return schema()
      },
    }
  }
}

let model: BuiltinModel | undefined
const builtinModel = () => (model ??= new BuiltinModel())

/** Every served built-in kind, ordered by group, version and kind. */
export function builtinResources(): readonly ResourceDefinition[] {
  return builtinModel().resources
}

/** The named groups in discovery's order, each with its versions, the preferred one first. */
export function builtinGroups(): readonly {
  readonly name: string
  readonly versions: readonly string[]
}[] {
  return builtinModel().groups
}

/**
 * A type of the tables by its full name: `core.v1.Pod`, `meta.v1.Status`, `runtime.Info`.
 * Throws when there is none, since names are written in code and never come from outside.
 */
export function namedSchema(name: string): StructSchema {
  const struct = builtinModel().struct(name)
  if (!struct) throw new Error(`no built-in type is called ${name}`)
  return struct
}

/** The same for a name that comes from outside: undefined when there is none. */
export function findSchema(name: string): StructSchema | undefined {
  return builtinModel().struct(name)
}

/** The full names of all types in the tables. */
export function schemaNames(): readonly string[] {
  return builtinModel().structNames
}
