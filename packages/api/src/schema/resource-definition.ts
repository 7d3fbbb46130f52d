import type { StructSchema } from './schema.js'

export interface GroupVersionKind {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface GroupVersionResource {
  readonly group: string
  readonly version: string
  readonly resource: string
}

export interface GroupResource {
  readonly group: string
  readonly resource: string
}

export type Verb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch'

export interface SubresourceDefinition {
  readonly name: string
  /** The kind that travels; the parent's unless the tables say otherwise. */
  readonly kind: string
  readonly group: string
  readonly version: string
  readonly verbs: readonly string[]
}

/** One served kind, built in or (later) custom. What differs in code is its strategy. */
export interface ResourceDefinition extends GroupVersionKind {
  /** Plural, lower case: what stands in the URL. */
  readonly resource: string
  readonly singular: string
  readonly listKind: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly Verb[]
  readonly storageVersionHash?: string
  /** By name: `status`, `scale`, `binding`, … */
  readonly subresources: ReadonlyMap<string, SubresourceDefinition>
  readonly schema: StructSchema
}
