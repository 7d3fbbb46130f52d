import { controllerOf, type KubeObject, type Pod } from '@miniplane/api'
import { type Cache, resources } from '@miniplane/client'
import type { ControllerContext } from '../manager/controller.js'
import { ownerKeyOf } from '../ownership/claim.js'

interface Scaled extends KubeObject {
  readonly spec: { readonly replicas?: number }
}

/** How many Pods the controllers of Pods want, by the caches of those that say so. */
export function scaleCounter({
  informer,
}: Pick<ControllerContext, 'informer'>): (pods: readonly Pod[]) => number {
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

  /** A ReplicaSet's own Deployment speaks for it. */
  const scaledOwnerOf = (pod: Pod): Scaled | undefined => {
    const key = ownerKeyOf(pod, resources.replicaSets)
    const replicaSet = key === undefined ? undefined : replicaSets.get(key)
    return (replicaSet && ownerIn(replicaSet)) ?? ownerIn(pod)
  }

  const ownerIn = (object: KubeObject): Scaled | undefined => {
    const owner = controllerOf(object)
    if (owner === undefined) return undefined
    const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : ''
    const cache = caches.get(`${group}/${owner.kind}`)
    const found = cache?.get(`${object.metadata.namespace}/${owner.name}`)
    return found?.metadata.uid === owner.uid ? found : undefined
  }

  return (pods) => {
    const owners = new Map<string, number>()
    for (const pod of pods) {
      const owner = scaledOwnerOf(pod)
      if (owner) owners.set(owner.metadata.uid ?? '', owner.spec.replicas ?? 1)
    }
    return [...owners.values()].reduce((sum, replicas) => sum + replicas, 0)
  }
}
