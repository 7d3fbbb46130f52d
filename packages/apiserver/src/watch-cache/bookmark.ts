import { apiVersionOf, type KubeObject, type ResourceDefinition } from '@miniplane/api'
import { unstored } from '../storage/unstored.js'
import { EncodedEvent } from './cache-event.js'

/**
 * What the real server's internal version, which has numbers where others may have none, says of an
 * object that says nothing.
 */
const NO_REPLICAS = (spec: unknown) => ({ spec: { replicas: 0, ...(spec as object) } })
const WRITTEN_OF_NOTHING: Readonly<Record<string, (spec: unknown) => object>> = {
  Deployment: NO_REPLICAS,
  ReplicaSet: NO_REPLICAS,
  StatefulSet: NO_REPLICAS,
}

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
    ...WRITTEN_OF_NOTHING[definition.kind]?.(empty.spec),
    metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) },
  }
  return new EncodedEvent('BOOKMARK', unstored(object))
}
