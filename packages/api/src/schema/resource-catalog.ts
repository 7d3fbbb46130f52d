import type { GroupVersionKind, ResourceDefinition } from './resource-definition.js'

/**
 * What a server serves. Starts with whatever it is given and changes with custom resource
 * definitions; readers look a definition up for each request and keep none.
 */
export class ResourceCatalog {
  readonly #byResource = new Map<string, ResourceDefinition>()
  readonly #byKind = new Map<string, ResourceDefinition>()

  constructor(definitions: Iterable<ResourceDefinition> = []) {
    for (const definition of definitions) this.add(definition)
  }

  byResource(group: string, version: string, resource: string): ResourceDefinition | undefined {
    return this.#byResource.get(`${group}/${version}/${resource}`)
  }

  byKind({ group, version, kind }: GroupVersionKind): ResourceDefinition | undefined {
    return this.#byKind.get(`${group}/${version}/${kind}`)
  }

  /** In the order in which they were added. */
  all(): readonly ResourceDefinition[] {
    return [...this.#byResource.values()]
  }

  /** Takes the place of a definition of the same group, version and resource. */
  add(definition: ResourceDefinition): void {
    const { group, version, resource, kind } = definition
    this.remove(group, version, resource)
    this.#byResource.set(`${group}/${version}/${resource}`, definition)
    this.#byKind.set(`${group}/${version}/${kind}`, definition)
  }

  /** Whether there was one. */
  remove(group: string, version: string, resource: string): boolean {
    const key = `${group}/${version}/${resource}`
    const definition = this.#byResource.get(key)
    if (!definition) return false
    this.#byResource.delete(key)
    this.#byKind.delete(`${group}/${version}/${definition.kind}`)
    return true
  }
}
