import type { KubeObject, ResourceDefinition } from '@miniplane/api'
import type { ObjectStorage } from '../storage/object-storage.js'
import type { Strategy } from './strategy.js'

/** Translates between a served version of a kind and the version that is stored. */
export interface Conversion {
  toStored(served: KubeObject): KubeObject
  /** `stored` is shared and must not be written to. */
  toServed(stored: KubeObject): KubeObject
}

/** Everything that a handler needs to serve one resource in one version. */
export interface Resource {
  readonly definition: ResourceDefinition
  readonly strategy: Strategy
  readonly storage: ObjectStorage
  /** Absent: served as stored. */
  readonly conversion?: Conversion
  /** What `status` is before anybody set it; absent when the kind has no status of its own. */
  readonly emptyStatus?: () => unknown
}
