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

/** What is charged for a write that fails is given back this late. */
const RECOUNT_MS = 5 * 60_000

/**
 * Counts what each quota's namespace holds. Admission counts what is created itself, before it is
 * there: counting at that moment would take it off again. This sees what is deleted, and counts all
 * once in a while.
 */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',

  start({ informer, everyResource, queue }) {
    const quotas = informer(resources.resourceQuotas).cache
    const followed: FollowedResource[] = []

    const follow = (each: FollowedResource) => {
      if (!each.resource.namespaced) return
      followed.push(each)
      const concerned = ({ metadata }: KubeObject) =>
        quotas
          .list(metadata.namespace ?? '')
          .filter((quota) => concerns(quota, each.resource))
          .map(keyOf)
      const recount = (object: KubeObject) => {
        for (const key of concerned(object)) queue.add(key)
      }
      each.informer.addHandler({
        onAdd(object) {
          for (const key of concerned(object)) queue.addAfter(key, RECOUNT_MS)
        },
        onUpdate(old, object) {
          if (changesUsage(each.resource, old, object)) recount(object)
        },
        onDelete: recount,
      })
    }

    return {
      watches: [
        watch(resources.resourceQuotas, ({ type, object, old }) => {
          if (type === 'deleted') return []
          if (!old || !semanticEqual(old.spec, object.spec)) return [keyOf(object)]
          // Charged for, or counted by us.
          queue.addAfter(keyOf(object), RECOUNT_MS)
          return []
        }),
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
