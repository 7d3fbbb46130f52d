import { isStatusError, type KubeObject } from '@miniplane/api'
import type { Client } from '@miniplane/client'
import type { ServedResource } from '../every-resource/discover.js'
import type { Progress, Remaining } from './conditions.js'

/**
 * Deletes what is in a namespace, and says what is still there afterwards. Pods go first and
 * alone: what they run may still need the rest.
 */
export async function emptyOut(
  namespace: string,
  served: readonly ServedResource[],
  client: Client,
): Promise<Progress> {
  const deletable = served.filter(({ namespaced, verbs }) => namespaced && verbs.includes('delete'))
  const pods = deletable.filter(({ group, resource }) => group === '' && resource === 'pods')
  const progress = await deleteAll(namespace, pods, client)
  if (progress.errors.length > 0 || progress.remaining.some(({ count }) => count > 0)) {
    return progress
  }
  const others = deletable.filter((each) => !pods.includes(each))
  return deleteAll(namespace, others, client)
}

async function deleteAll(
  namespace: string,
  served: readonly ServedResource[],
  client: Client,
): Promise<Progress> {
  const results = await Promise.allSettled(
    served.map((resource) => deleteResource(namespace, resource, client)),
  )
  const remaining: Remaining[] = []
  const errors: unknown[] = []
  for (const result of results) {
    if (result.status === 'fulfilled') remaining.push(result.value)
    else errors.push(result.reason)
  }
  return { remaining, errors }
}

async function deleteResource(
  namespace: string,
  resource: ServedResource,
  client: Client,
): Promise<Remaining> {
  const left = await list(namespace, resource, client)
  if (left.length === 0) return { resource, count: 0, finalizers: [] }
  const propagationPolicy = 'Background'
  if (resource.verbs.includes('deletecollection')) {
    await client.of(resource).deleteCollection({ namespace, propagationPolicy })
  } else {
    await Promise.all(left.map((object) => deleteOne(namespace, resource, object, client)))
  }
  const after = await list(namespace, resource, client)
  const finalizers = after.flatMap(({ metadata }) => metadata.finalizers ?? [])
  return { resource, count: after.length, finalizers }
}

async function list(
  namespace: string,
  resource: ServedResource,
  client: Client,
): Promise<KubeObject[]> {
  if (!resource.verbs.includes('list')) return []
  try {
    return (await client.of(resource).list({ namespace })).items ?? []
  } catch (error) {
    // Not served any more: then nothing of it is left either.
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'MethodNotAllowed')) return []
    throw error
  }
}

async function deleteOne(
  namespace: string,
  resource: ServedResource,
  { metadata }: KubeObject,
  client: Client,
): Promise<void> {
  try {
    const propagationPolicy = 'Background'
    await client.of(resource).delete(metadata.name ?? '', { namespace, propagationPolicy })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}
