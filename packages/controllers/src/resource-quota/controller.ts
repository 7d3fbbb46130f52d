import {
  isPodTerminal,
  type KubeObject,
  type Pod,
  type ResourceQuota,
  semanticEqual,
} from '@miniplane/api'
import { keyOf, type ResourceRef, resources } from '@miniplane/client'
import type { FollowedResource } from '../every-resource/every-resource.js'
import { type Controller, watch } from '../manager/controller.js'
import { concerns, usedOf } from './usage.js'

/**
 * Counts what each quota's namespace holds. Admission counts what is created itself; this corrects
 * it, and sees what is deleted.
 */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',

  start({ informer, everyResource, queue }) {
    const quotas = informer(resources.resourceQuotas).cache
    const followed: FollowedResource[] = []

    const follow = (each: FollowedResource) => {
      if (!each.resource.namespaced) return
      followed.push(each)
      const changed = (object: KubeObject) => {
        for (const quota of quotas.list(object.metadata.namespace ?? '')) {
          if (concerns(quota, each.resource)) queue.add(keyOf(quota))
        }
      }
      each.informer.addHandler({
        onAdd: changed,
        onUpdate(old, object) {
          if (changesUsage(each.resource, old, object)) changed(object)
        },
        onDelete: changed,
      })
    }

    return {
      watches: [
        watch(resources.resourceQuotas, ({ type, object }) =>
          type === 'deleted' ? [] : [keyOf(object)],
        ),
      ],
      synced: () => everyResource.follow(follow),
      async reconcile(key, { client }) {
        const quota = quotas.get(key)
        if (quota === undefined) return undefined
        const status = {
          hard: quota.spec.hard ?? {},
          used: usedOf(quota, objectsFor(quota, followed)),
        }
        if (semanticEqual(quota.status, status)) return undefined
        await client.of(resources.resourceQuotas).updateStatus({ ...quota, status })
        return undefined
      },
    }
  },
}

function* objectsFor(quota: ResourceQuota, followed: readonly FollowedResource[]) {
  for (const { resource, informer } of followed) {
    if (!concerns(quota, resource)) continue
    for (const object of informer.cache.list(quota.metadata.namespace ?? '')) {
      yield { kind: resource, object }
    }
  }
}

/** Most updates don't: a Pod's end does, and specs that may grow. */
function changesUsage(
  { group, resource }: ResourceRef,
  old: KubeObject,
  object: KubeObject,
): boolean {
  if (group !== '') return false
  if (resource === 'pods') {
    const [before, after] = [old as Pod & KubeObject, object as Pod & KubeObject]
    return (
      isPodTerminal(before) !== isPodTerminal(after) ||
      before.metadata.generation !== after.metadata.generation
    )
  }
  if (resource !== 'services' && resource !== 'persistentvolumeclaims') return false
  return !semanticEqual(old.spec, object.spec)
}
