import { apiVersionOf, type KubeObject, type Trigger } from '@miniplane/api'
import { keyOf, type ResourceRef } from '@miniplane/client'
import type { FollowedResource } from '../every-resource/every-resource.js'
import type { Controller, Work } from '../manager/controller.js'
import { AbsentOwners } from './absent-owners.js'
import { Collector } from './collect.js'
import { type Consequences, type GraphNode, type Identity, OwnerGraph } from './graph.js'
import { limits } from './limits.js'

/** Deletes what has lost its last owner, in the way that whoever deleted the owner asked for. */
export const garbageCollector: Controller = {
  name: 'generic-garbage-collector',
  eventSource: 'garbage-collector-controller',
  workers: limits.workers,

  start({ everyResource, queue }) {
    const graph = new OwnerGraph()

    const follow = (consequences: Consequences, trigger?: Trigger) => {
      for (const node of consequences.misplaced) {
        queue.add(`${REPORT}${workItem(node)}`, trigger)
      }
      for (const node of consequences.check) queue.add(workItem(node), trigger)
      for (const node of consequences.orphan) queue.add(`${ORPHAN}${workItem(node)}`, trigger)
    }

    const followResource = ({ resource, informer }: FollowedResource) => {
      const name = `${resource.group}/${resource.resource}`
      const put = (object: KubeObject) => {
        const consequences = graph.put(identityOf(object, resource), object.metadata)
        if (hasSome(consequences)) follow(consequences, triggerOf(name, object))
      }
      informer.addHandler({
        onAdd: put,
        onUpdate: (_, object) => put(object),
        onDelete(object) {
          const consequences = graph.remove(object.metadata.uid ?? '')
          if (hasSome(consequences)) follow(consequences, triggerOf(name, object))
        },
      })
    }

    const collector = new Collector({ graph, absent: new AbsentOwners(), everyResource, follow })
    return {
      watches: [],
      synced: () => everyResource.follow(followResource),
      async reconcile(key, work) {
        const node = graph.get(key.slice(key.lastIndexOf('#') + 1))
        if (node === undefined) return undefined
        if (key.startsWith(ORPHAN)) await collector.orphan(node, work.client)
        else if (key.startsWith(REPORT)) reportMisplaced(node, graph, work)
        else await collector.check(node, work.client)
        return undefined
      },
    }
  },
}

const ORPHAN = 'orphan the dependents of '
const REPORT = 'report '

/** Names the object for those who read it, and the node by its uid. */
const workItem = ({ identity: { kind, namespace, name, uid } }: GraphNode): string =>
  `${kind} ${namespace === '' ? name : `${namespace}/${name}`}#${uid}`

const hasSome = ({ check, orphan, misplaced }: Consequences): boolean =>
  check.length + orphan.length + misplaced.length > 0

const identityOf = ({ metadata }: KubeObject, ref: ResourceRef): Identity => ({
  ref,
  apiVersion: apiVersionOf(ref),
  kind: ref.kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
})

const triggerOf = (resource: string, object: KubeObject): Trigger => ({
  resource,
  key: keyOf(object),
  revision: object.metadata.resourceVersion ?? '',
})

/** Names an owner of another namespace, which for the server does not exist. */
function reportMisplaced(node: GraphNode, graph: OwnerGraph, work: Work): void {
  const { ref, namespace, name, uid } = node.identity
  if (ref === undefined) return
  for (const owner of node.owners) {
    const known = graph.get(owner.uid)?.identity
    if (!known || known.namespace === '' || known.namespace === namespace) continue
    const text = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`
    const message = `ownerRef ${text} does not exist in namespace "${namespace}"`
    const object = { metadata: { namespace, name, uid } }
    work.event(object, ref, { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message })
  }
}
