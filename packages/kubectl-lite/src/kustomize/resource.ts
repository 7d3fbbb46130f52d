import { builtinResources, type KubeObject, type ResourceDefinition } from '@miniplane/api'

/** Which kind; an empty part stands for any where kinds are selected. */
export interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** What tells a resource from all others of one build. */
export interface ResourceId extends Gvk {
  readonly name: string
  readonly namespace: string
}

/** One object on its way through the transformers, which remembers what it was called before. */
export class BuildResource {
  object: KubeObject
  /** Gets a hash of its content into its name at the end. */
  needsHash: boolean
  readonly #earlier: ResourceId[] = []
  /** Prefixes and suffixes it got: what was renamed together belongs together. */
  readonly affixes: string[] = []

  constructor(object: KubeObject, needsHash = false) {
    this.object = object
    this.needsHash = needsHash
  }

  get id(): ResourceId {
    const { apiVersion = '', kind = '', metadata } = this.object
    const slash = apiVersion.indexOf('/')
    return {
      group: slash < 0 ? '' : apiVersion.slice(0, slash),
      version: apiVersion.slice(slash + 1),
      kind,
      name: metadata.name ?? '',
      namespace: metadata.namespace ?? '',
    }
  }

  /** All ids it ever had, the first one first. */
  get ids(): readonly ResourceId[] {
    return [...this.#earlier, this.id]
  }

  get originalId(): ResourceId {
    return this.#earlier[0] ?? this.id
  }

  get definition(): ResourceDefinition | undefined {
    const { group, version, kind } = this.id
    return builtinResources().find(
      (one) => one.group === group && one.version === version && one.kind === kind,
    )
  }

  /** Kinds that nobody knows are taken for namespaced ones. */
  get namespaced(): boolean {
    return this.definition?.namespaced ?? this.id.kind !== 'CustomResourceDefinition'
  }

  /** Changes what the id is made of, and keeps the one that was. */
  rename(metadata: { readonly name?: string; readonly namespace?: string }): void {
    const before = this.id
    this.object = { ...this.object, metadata: { ...this.object.metadata, ...metadata } }
    const after = this.id
    if (!sameId(before, after)) this.#earlier.push(before)
  }

  /** Takes over the past of a resource that this one stands for now. */
  inherit(other: BuildResource): void {
    this.#earlier.push(...other.ids)
    this.affixes.push(...other.affixes)
  }
}

/** Nothing is put into no namespace at all. */
export const effective = (namespace: string): string => (namespace === '' ? 'default' : namespace)

export const sameId = (a: ResourceId, b: ResourceId): boolean =>
  a.kind === b.kind &&
  a.group === b.group &&
  a.version === b.version &&
  a.name === b.name &&
  effective(a.namespace) === effective(b.namespace)

/** Whether the kind is one that the selector, whose empty parts stand for any, means. */
export const isSelected = (id: Gvk, selector: Partial<Gvk>): boolean =>
  (['group', 'version', 'kind'] as const).every((part) => {
    const wanted = selector[part]
    return wanted === undefined || wanted === '' || wanted === id[part]
  })

/** `Deployment.v1.apps/web.[noNs]` */
export const idText = ({ group, version, kind, name, namespace }: ResourceId): string =>
  `${kind}.${version || '[noVer]'}.${group || '[noGrp]'}/${name}.${namespace || '[noNs]'}`
