import type { ResourceCatalog, ResourceDefinition } from '@miniplane/api'
import type { Conversion } from '../resource.js'
import { autoscalersConversion } from './autoscalers.js'
import { eventsConversion } from './events.js'

export interface StoredVersion {
  /** The version that stands in the store. */
  readonly definition: ResourceDefinition
  /** Absent: the served version is the stored one. */
  readonly conversion?: Conversion
}

/** Kinds that are served in several versions (or groups) and stored in one. */
const SHARED: Readonly<
  Record<
    string,
    { readonly stored: readonly [string, string, string]; readonly conversion: Conversion }
  >
> = {
  'autoscaling/v1/horizontalpodautoscalers': {
    stored: ['autoscaling', 'v2', 'horizontalpodautoscalers'],
    conversion: autoscalersConversion,
  },
  'events.k8s.io/v1/events': { stored: ['', 'v1', 'events'], conversion: eventsConversion },
}

export function storedVersion(
  catalog: ResourceCatalog,
  definition: ResourceDefinition,
): StoredVersion {
  const { group, version, resource } = definition
  const shared = SHARED[`${group}/${version}/${resource}`]
  const stored = shared && catalog.byResource(...shared.stored)
  return stored ? { definition: stored, conversion: shared.conversion } : { definition }
}
