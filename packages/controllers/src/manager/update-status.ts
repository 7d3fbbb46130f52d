import { isStatusError, type KubeObject } from '@miniplane/api'
import type { ResourceClient } from '@miniplane/client'

/**
 * Writes an object's status. When somebody else has written meanwhile, tries once more on what the
 * server has now; a second conflict is thrown, and leads to another reconcile.
 */
export async function updateStatus<T extends KubeObject>(
  client: ResourceClient<T>,
  object: T,
  withStatus: (latest: T) => T,
): Promise<T> {
  try {
    return await client.updateStatus(withStatus(object))
  } catch (error) {
    if (!isStatusError(error, 'Conflict')) throw error
    const { name = '', namespace = '', uid } = object.metadata
    const latest = await client.get(name, { namespace })
    if (latest.metadata.uid !== uid) throw error
    return client.updateStatus(withStatus(latest))
  }
}
