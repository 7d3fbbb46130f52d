type Described = Readonly<Record<string, string>>

/** What types and fields mean, in the words of the API's own documentation. */
export class Descriptions {
  readonly #types: Readonly<Record<string, Described>>

  private constructor(types: Readonly<Record<string, Described>>) {
    this.#types = types
  }

  /** Read when somebody asks for a document: most servers are never asked. */
  static async load(): Promise<Descriptions> {
    const { descriptionsJson } = await import('../generated/descriptions.js')
    return new Descriptions(JSON.parse(descriptionsJson) as Record<string, Described>)
  }

  /** Of a type such as `apps.v1.Deployment`; without `field` of the type itself. */
  of(name: string, field = ''): string | undefined {
    return this.#find(name)?.[field] || undefined
  }

  /** Of a type that is no struct, such as `io.k8s.apimachinery.pkg.apis.meta.v1.Time`. */
  ofScalar(definitionName: string): string | undefined {
    return this.#types[definitionName.slice(definitionName.lastIndexOf('.') + 1)]?.['']
  }

  /** Of a parameter in the query or the path; `options` such as `ListOptions`. */
  ofParameter(options: string, name: string): string | undefined {
    return this.#types[options]?.[name]
  }

  /** Models are named by version and kind, with the group in front where kinds clash. */
  #find(name: string): Described | undefined {
    const [, group = '', version = '', kind = ''] = /^(.*)\.(v[^.]+)\.([^.]+)$/.exec(name) ?? []
    const model = `${capital(version)}${kind}`
    return this.#types[`${capital(group.split('.')[0] ?? '')}${model}`] ?? this.#types[model]
  }
}

const capital = (word: string) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`

export const TYPE_META = {
  apiVersion:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  kind: 'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
} as const
