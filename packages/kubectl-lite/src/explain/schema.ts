/** The parts of an OpenAPI v3 schema that `explain` reads. */
export interface ApiSchema {
  readonly $ref?: string
  readonly allOf?: readonly ApiSchema[]
  readonly description?: string
  readonly type?: string
  readonly enum?: readonly string[]
  readonly items?: ApiSchema
  readonly properties?: Readonly<Record<string, ApiSchema>>
  readonly additionalProperties?: ApiSchema | boolean
  readonly required?: readonly string[]
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string
    readonly version: string
    readonly kind: string
  }[]
}

/** The schemas of one group and version. */
export class SchemaSet {
  readonly #schemas: Readonly<Record<string, ApiSchema>>

  constructor(schemas: Readonly<Record<string, ApiSchema>>) {
    this.#schemas = schemas
  }

  ofKind(group: string, version: string, kind: string): ApiSchema | undefined {
    return Object.values(this.#schemas).find((schema) =>
      schema['x-kubernetes-group-version-kind']?.some(
        (one) => one.group === group && one.version === version && one.kind === kind,
      ),
    )
  }

  /** What a schema refers to, directly or as its only part. */
  referenced(schema: ApiSchema): ApiSchema | undefined {
    const name = referenceName(schema)
    return name === undefined ? undefined : this.#schemas[name]
  }

  /** The schema that has the fields: itself, what it refers to, or that of its items. */
  structure(schema: ApiSchema): ApiSchema {
    const referenced = this.referenced(schema)
    if (referenced) return this.structure(referenced)
    if (schema.items) return this.structure(schema.items)
    if (typeof schema.additionalProperties === 'object') {
      return this.structure(schema.additionalProperties)
    }
    return schema
  }

  /** `string`, `[]Container`, `map[string]string` */
  typeName(schema: ApiSchema): string {
    if (schema.items) return `[]${this.typeName(schema.items)}`
    if (typeof schema.additionalProperties === 'object') {
      return `map[string]${this.typeName(schema.additionalProperties)}`
    }
    const name = referenceName(schema)
    if (name !== undefined) {
      const { type } = this.#schemas[name] ?? {}
      return type !== undefined && type !== 'object' ? type : (name.split('.').at(-1) ?? name)
    }
    return schema.type === undefined || schema.type === 'object' ? 'Object' : schema.type
  }

  /** A field's own words, then those of its type. */
  descriptions(schema: ApiSchema): string[] {
    const own = schema.description ? [schema.description] : []
    const next = this.referenced(schema) ?? schema.items
    return next ? [...own, ...this.descriptions(next)] : own
  }
}

function referenceName(schema: ApiSchema): string | undefined {
  const [only] = schema.allOf ?? []
  const reference = schema.$ref ?? (schema.allOf?.length === 1 ? only?.$ref : undefined)
  return reference?.slice(reference.lastIndexOf('/') + 1)
}
