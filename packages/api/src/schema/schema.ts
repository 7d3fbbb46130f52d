/**
 * The structural schema: the one description of a type from which decoding, defaulting, strict
 * field checks, merging, the wire codec, OpenAPI and `explain` all follow. Built-in kinds get it
 * from the tables in `schemas/`, custom resources from their definition; nobody downstream can
 * tell which.
 */
export type Schema = ScalarSchema | ListSchema | MapSchema | StructSchema

/** Types without parts, also those whose JSON is free-form (`raw`, `json`, `fieldsV1`). */
export type ScalarName =
  | 'string'
  | 'int32'
  | 'int64'
  | 'bool'
  | 'double'
  | 'bytes'
  | 'quantity'
  | 'intOrString'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'raw'
  | 'fieldsV1'
  | 'json'

export interface ScalarSchema {
  readonly type: 'scalar'
  readonly scalar: ScalarName
  /**
   * Only with `json`: what an object, or each item of a list, must be where the value has one.
   * (`JSONSchemaPropsOrBool` and its kin are a struct, or something else.)
   */
  readonly object?: StructSchema
  readonly items?: Schema
}

export interface ListSchema {
  readonly type: 'list'
  readonly items: Schema
  /** On the protobuf wire a message of its own, whose field 1 the items are. */
  readonly isMessage?: true
}

/** A map with string keys. */
export interface MapSchema {
  readonly type: 'map'
  readonly values: Schema
}

export interface StructSchema {
  readonly type: 'struct'
  /** Name in the tables, such as `apps.v1.Deployment`; in Go messages `v1.Deployment`. */
  readonly name: string
  /** In the order in which the real server writes them. */
  readonly fields: ReadonlyMap<string, FieldSchema>
  /** Has `kind` and `apiVersion` of its own. */
  readonly typeMeta: boolean
  /** Owned as a whole by one applier. */
  readonly atomic: boolean
  readonly unions: readonly UnionSchema[]
  /** Messages on the protobuf wire whose fields are this struct's own in JSON. */
  readonly wireInline: readonly WireInline[]
}

export interface WireInline {
  readonly name: string
  readonly tag: number
  readonly schema: StructSchema
}

export interface UnionSchema {
  readonly discriminator?: string
  /** Field name → the discriminator's value for it. */
  readonly fields: Readonly<Record<string, string>>
}

export interface FieldSchema {
  readonly name: string
  readonly schema: Schema
  /** Protobuf number. */
  readonly tag: number
  /** Protobuf name, when it is not `name`. */
  readonly protoName?: string
  /** OpenAPI's `required`. The server itself reports absence by validation, not by this. */
  readonly required: boolean
  /** Written in JSON even when empty: `null`, `{}`, `""`, `0`, `false`. */
  readonly always: boolean
  /** A pointer: an explicit `0`, `false` or `""` is kept; without it (and `always`) it is dropped. */
  readonly pointer: boolean
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  /** Strategic merge. */
  readonly patchStrategies: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey?: string
  /** Wire-only facts; see the notation in `schemas/README.md`. */
  readonly wireAlways: boolean
}
