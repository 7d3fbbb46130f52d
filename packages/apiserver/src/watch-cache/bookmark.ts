import { apiVersionOf, type KubeObject, type ResourceDefinition } from '@miniplane/api'
import { unstored } from '../negotiation/respond.js'
import { EncodedEvent } from './cache-event.js'

/** An object of the kind with nothing but a version; `empty` has what is written even when empty. */
export function bookmarkOf(
  definition: ResourceDefinition,
  empty: KubeObject,
  revision: number,
  annotations: Record<string, string> | undefined,
): EncodedEvent {
  const object: KubeObject = {
    // In the order in which all objects are written.
    kind: definition.kind,
    apiVersion: apiVersionOf(definition),
    ...empty,
    metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) },
  }
  return new EncodedEvent('BOOKMARK', unstored(object))
}
