import { formatTime, isStatusError, type KubeObject, type Node, type Pod } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { type Controller, requeueAfter, type Work, watch } from '../manager/controller.js'
import { indexByNode, podsOnNode } from '../node-lifecycle/pods-on-node.js'
import { tolerationMs } from './deadline.js'

type PodObject = Pod & KubeObject

/** Deletes Pods that don't tolerate their node's NoExecute taints, when their time is over. */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  serviceAccount: 'node-controller',

  start({ informer, clock }) {
    const nodes = informer(resources.nodes).cache
    const pods = informer(resources.pods).cache
    indexByNode(pods)
    /** Pods whose eviction is announced, and since when, so that a recovered node's can be called off. */
    const announced = new Map<string, number>()

    const reconcile = async (key: string, work: Work) => {
      const pod = pods.get(key)
      const node = pod?.spec.nodeName ? nodes.get(pod.spec.nodeName) : undefined
      if (pod === undefined || node === undefined || pod.metadata.deletionTimestamp) {
        announced.delete(key)
        return undefined
      }
      const nowMs = clock.now()
      const sinceMs = announced.get(key) ?? nowMs
      const stayMs = tolerationMs(pod, node.spec.taints ?? [])
      if (stayMs === undefined) {
        if (announced.delete(key)) report(pod, work, 'Cancelling deletion of Pod')
        return undefined
      }
      if (sinceMs + stayMs > nowMs) {
        announced.set(key, sinceMs)
        return requeueAfter(sinceMs + stayMs - nowMs)
      }
      announced.delete(key)
      report(pod, work, 'Marking for deletion Pod')
      await evict(pod, work, nowMs)
      return undefined
    }

    return {
      watches: [
        watch(resources.nodes, ({ type, object, old }) =>
          type === 'deleted' || (!evicts(object) && !(old && evicts(old)))
            ? []
            : podsOnNode(pods, object.metadata.name ?? '').map(keyOf),
        ),
        watch(resources.pods, ({ type, object, old }) => {
          const moved = old?.spec.nodeName !== object.spec.nodeName
          const node = object.spec.nodeName && nodes.get(object.spec.nodeName)
          return type !== 'deleted' && moved && node && evicts(node) ? [keyOf(object)] : []
        }),
      ],
      reconcile,
    }
  },
}

const evicts = ({ spec }: Node): boolean =>
  (spec.taints ?? []).some(({ effect }) => effect === 'NoExecute')

function report(pod: PodObject, work: Work, what: string): void {
  const message = `${what} ${keyOf(pod)}`
  work.event(pod, resources.pods, { type: 'Normal', reason: 'TaintManagerEviction', message })
}

async function evict(pod: PodObject, { client }: Work, nowMs: number): Promise<void> {
  const { name = '', namespace = '', uid, generation } = pod.metadata
  const disruption = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: formatTime(nowMs),
    ...(generation !== undefined && { observedGeneration: generation }),
  }
  const patch = { metadata: { uid }, status: { conditions: [disruption] } }
  try {
    const pods = client.of(resources.pods)
    await pods.patch(name, patch, { type: 'strategic', subresource: 'status', namespace })
    await pods.delete(name, { namespace, ...(uid === undefined ? {} : { preconditions: { uid } }) })
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return
    throw error
  }
}
