import {
  apiVersionOf,
  type Clock,
  type FieldSet,
  type KubeObject,
  type ResourceCatalog,
  type ResourceDefinition,
  type StructSchema,
  type Versions,
} from '@miniplane/api'
import { storedVersion } from '../registry/conversion/stored-versions.js'
import { FieldManager } from './field-manager.js'
import { FieldShapes } from './field-shapes.js'
import { ignoredFields, ignoredOfView } from './reset-fields.js'

interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly schema: StructSchema
}

/** The field managers of one server, made when they are first needed. */
export class FieldManagers {
  readonly #catalog: ResourceCatalog
  readonly #clock: Clock
  readonly #shapes = new FieldShapes()
  readonly #byDefinition = new WeakMap<ResourceDefinition, Map<string, FieldManager>>()
  readonly #byView = new WeakMap<StructSchema, Map<string, FieldManager>>()

  constructor(catalog: ResourceCatalog, clock: Clock) {
    this.#catalog = catalog
    this.#clock = clock
  }

  /** For writes of objects of this definition, through a subresource or (empty) directly. */
  of(definition: ResourceDefinition, subresource: string): FieldManager {
    return cached(this.#byDefinition, definition, subresource, () => {
      const ignored = ignoredFields(definition, subresource)
      return this.#make(definition, subresource, ignored, this.#versions(definition))
    })
  }

  /** For writes of a kind that travels through a subresource of another one: Scale, TokenRequest. */
  ofView(kind: Kind, subresource: string): FieldManager {
    return cached(this.#byView, kind.schema, subresource, () => {
      const versions = onlyVersion(apiVersionOf(kind), kind.schema)
      return this.#make(kind, subresource, ignoredOfView, versions)
    })
  }

  get shapes(): FieldShapes {
    return this.#shapes
  }

  #make(kind: Kind, subresource: string, ignored: FieldSet, versions: Versions) {
    return new FieldManager({
      apiVersion: apiVersionOf(kind),
      subresource,
      ignored,
      versions,
      shapes: this.#shapes,
      clock: this.#clock,
    })
  }

  #versions(definition: ResourceDefinition): Versions {
    const own = apiVersionOf(definition)
    const { definition: stored, conversion } = storedVersion(this.#catalog, definition)
    const catalog = this.#catalog
    // In another group (events.k8s.io) the real server knows no versions, and forgets their managers.
    const others = new Map(
      catalog
        .all()
        .filter((one) => one.group === definition.group)
        .filter((one) => storedVersion(catalog, one).definition === stored)
        .map((one) => [apiVersionOf(one), one]),
    )
    if (others.size === 1) return onlyVersion(own, definition.schema)
    return {
      schemaOf: (apiVersion) => others.get(apiVersion)?.schema,
      convert(object, apiVersion) {
        const target = others.get(apiVersion)
        if (!target || apiVersion === own) return object
        const hub = conversion ? conversion.toStored(object as KubeObject) : (object as KubeObject)
        return storedVersion(catalog, target).conversion?.toServed(hub) ?? hub
      },
    }
  }
}

const onlyVersion = (own: string, schema: StructSchema): Versions => ({
  schemaOf: (apiVersion) => (apiVersion === own ? schema : undefined),
  convert: (object) => object,
})

function cached<K extends object>(
  cache: WeakMap<K, Map<string, FieldManager>>,
  key: K,
  subresource: string,
  make: () => FieldManager,
): FieldManager {
  let bySubresource = cache.get(key)
  if (!bySubresource) {
    bySubresource = new Map()
    cache.set(key, bySubresource)
  }
  let manager = bySubresource.get(subresource)
  if (!manager) {
    manager = make()
    bySubresource.set(subresource, manager)
  }
  return manager
}
