import {
  controllerOf,
  isStatusError,
  type KubeObject,
  type OwnerReference,
  type Pod,
  parseGroupVersion,
} from '@miniplane/api'
import { type Cache, resources } from '@miniplane/client'
import type { ControllerContext, Work } from '../manager/controller.js'
import { ownerKeyOf } from '../ownership/claim.js'

interface Scaled extends KubeObject {
  readonly spec: { readonly replicas?: number }
}

/** What those who own Pods want. */
export interface Scale {
  readonly expected: number
  /** Names of Pods that nobody controls. */
  readonly unmanaged: readonly string[]
}

/** Nobody can say how many Pods there should be. */
export class UnknownScaleError extends Error {
  override readonly name = 'UnknownScaleError'
}

export type CountScale = (pods: readonly Pod[], work: Work) => Promise<Scale>

/**
 * How many Pods the controllers of Pods want: by the caches of the well-known ones, by the `scale`
 * of others. Throws an `UnknownScaleError` for those that have none.
 */
export function scaleCounter({
  informer,
  everyResource,
}: Pick<ControllerContext, 'informer' | 'everyResource'>): CountScale {
  const replicaSets = informer(resources.replicaSets).cache
  const caches = new Map<string, Cache<Scaled>>([
    ['apps/Deployment', informer(resources.deployments).cache as unknown as Cache<Scaled>],
    ['apps/ReplicaSet', replicaSets as unknown as Cache<Scaled>],
    ['apps/StatefulSet', informer(resources.statefulSets).cache as unknown as Cache<Scaled>],
    [
      '/ReplicationController',
      informer(resources.replicationControllers).cache as unknown as Cache<Scaled>,
    ],
  ])

  const cachedIn = (object: KubeObject): Scaled | undefined => {
    const owner = controllerOf(object)
    if (owner === undefined) return undefined
    const { group } = parseGroupVersion(owner.apiVersion)
    const found = caches
      .get(`${group}/${owner.kind}`)
      ?.get(`${object.metadata.namespace}/${owner.name}`)
    return found?.metadata.uid === owner.uid ? found : undefined
  }

  /** A ReplicaSet's own Deployment speaks for it. */
  const scaledOwnerOf = (pod: Pod): Scaled | undefined => {
    const key = ownerKeyOf(pod, resources.replicaSets)
    const replicaSet = key === undefined ? undefined : replicaSets.get(key)
    return (replicaSet && cachedIn(replicaSet)) ?? cachedIn(pod)
  }

  /** Undefined: the owner is gone, or another one of that name by now. */
  const askScale = async (owner: OwnerReference, namespace: string, { client }: Work) => {
    const { group, version } = parseGroupVersion(owner.apiVersion)
    if (everyResource.all.length === 0) await everyResource.refresh()
    const served = everyResource.byKind({ group, kind: owner.kind })
    if (!served) {
      const text = `no matches for kind "${owner.kind}" in version "${group ? `${group}/` : ''}${version}"`
      throw new UnknownScaleError(text)
    }
    try {
      const scale = await client.of(served).getScale(owner.name, { namespace })
      return scale.metadata.uid === owner.uid ? (scale.spec.replicas ?? 0) : undefined
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
      const name = group ? `${served.resource}.${group}` : served.resource
      throw new UnknownScaleError(`${name} does not implement the scale subresource`)
    }
  }

  return async (pods, work) => {
    const owners = new Map<string, number>()
    const unmanaged: string[] = []
    for (const pod of pods) {
      const { name = '', namespace = '' } = pod.metadata
      const owner = controllerOf(pod)
      if (!owner) {
        unmanaged.push(name)
        continue
      }
      if (owners.has(owner.uid)) continue
      const cached = scaledOwnerOf(pod)
      const size = cached ? (cached.spec.replicas ?? 1) : await ownSize(owner, namespace, work)
      if (size === undefined)
        throw new UnknownScaleError(`found no controllers for pod ${JSON.stringify(name)}`)
      owners.set(cached?.metadata.uid ?? owner.uid, size)
    }
    const expected = [...owners.values()].reduce((sum, replicas) => sum + replicas, 0)
    return { expected, unmanaged }
  }

  /** A well-known kind that the cache does not show is gone. */
  async function ownSize(owner: OwnerReference, namespace: string, work: Work) {
    const { group } = parseGroupVersion(owner.apiVersion)
    return caches.has(`${group}/${owner.kind}`) ? undefined : askScale(owner, namespace, work)
  }
}
