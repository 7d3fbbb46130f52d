import {
  formatTime,
  isConditionTrue,
  isPodTerminal,
  isStatusError,
  type KubeObject,
  type Node,
  type Pod,
  type PodCondition,
  parseTime,
} from '@miniplane/api'
import { type Cache, type Client, keyOf, resources } from '@miniplane/client'
import { type Controller, requeueAfter, watch } from '../manager/controller.js'
import { indexByNode, podsOnNode } from '../node-lifecycle/pods-on-node.js'
import { limits } from './limits.js'

type PodObject = Pod & KubeObject
type NodeObject = Node & KubeObject

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

/** Work items other than Pods: all ended Pods are counted together. */
const ENDED = 'ended pods'

/**
 * Deletes Pods that nobody else would: those of nodes that are gone, those that were deleted
 * before they got a node, and the oldest ended ones when there are too many.
 */
export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector',

  start({ informer, clock }) {
    const pods = informer(resources.pods).cache
    const nodes = informer(resources.nodes).cache
    indexByNode(pods)
    /** Since when nobody looks after a Pod: its node may only be registered anew. */
    const orphanSince = new Map<string, number>()
    let ended = 0

    return {
      watches: [
        watch(resources.nodes, ({ type, object }) =>
          type === 'deleted' || isOutOfService(object)
            ? podsOnNode(pods, object.metadata.name ?? '').map(keyOf)
            : [],
        ),
        watch(resources.pods, ({ type, object, old }) => {
          ended += Number(type !== 'deleted' && isPodTerminal(object))
          ended -= Number(type === 'updated' && old !== undefined && isPodTerminal(old))
          ended -= Number(type === 'deleted' && isPodTerminal(object))
          const keys = ended > limits.endedPodsMax ? [ENDED] : []
          if (type !== 'deleted' && isOrphan(object, nodes)) keys.push(keyOf(object))
          return keys
        }),
      ],
      async reconcile(key, { client }) {
        if (key === ENDED) {
          await collectEnded(pods, client)
          return undefined
        }
        const pod = pods.get(key)
        if (pod === undefined || !isOrphan(pod, nodes)) {
          orphanSince.delete(key)
          return undefined
        }
        if (isAbandoned(pod, nodes)) await markFailed(pod, client)
        else {
          const nowMs = clock.monotonic()
          const sinceMs = orphanSince.get(key) ?? nowMs
          orphanSince.set(key, sinceMs)
          const patienceMs = pod.spec.nodeName ? limits.quarantineMs : limits.unscheduledMs
          const waitMs = sinceMs + patienceMs - nowMs
          if (waitMs > 0) return requeueAfter(waitMs)
          orphanSince.delete(key)
          if (pod.spec.nodeName) await markFailed(pod, client, nodeGone(pod, clock.now()))
        }
        await remove(pod, client)
        return undefined
      },
    }
  },
}

/** Nobody will ever report on it: its node is not there, or it was deleted before it got one. */
function isOrphan(pod: Pod, nodes: Cache<NodeObject>): boolean {
  const { spec, metadata } = pod
  if (spec.nodeName) return nodes.get(spec.nodeName) === undefined || isAbandoned(pod, nodes)
  return metadata.deletionTimestamp !== undefined
}

/** It is to stop, and an administrator has said that its node never will answer. */
function isAbandoned({ spec, metadata }: Pod, nodes: Cache<NodeObject>): boolean {
  const node = spec.nodeName ? nodes.get(spec.nodeName) : undefined
  return metadata.deletionTimestamp !== undefined && node !== undefined && isOutOfService(node)
}

const isOutOfService = ({ spec, status }: Node): boolean =>
  (spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE) &&
  !isConditionTrue(status.conditions, 'Ready')

async function collectEnded(pods: Cache<PodObject>, client: Client): Promise<void> {
  const ended = pods.list().filter(isPodTerminal)
  const surplus = ended.length - limits.endedPodsMax
  if (surplus <= 0) return
  const oldest = ended.sort((a, b) => createdMs(a) - createdMs(b)).slice(0, surplus)
  await Promise.all(oldest.map((pod) => remove(pod, client)))
}

const createdMs = ({ metadata }: Pod): number =>
  metadata.creationTimestamp ? parseTime(metadata.creationTimestamp) : 0

/** Whoever waits for the Pod to end sees how it ended. */
async function markFailed(pod: PodObject, client: Client, why?: PodCondition): Promise<void> {
  if (isPodTerminal(pod)) return
  const { name = '', namespace = '' } = pod.metadata
  const patch = { status: { phase: 'Failed', ...(why && { conditions: [why] }) } }
  const options = { type: 'strategic', subresource: 'status', namespace } as const
  await ignoringGone(client.of(resources.pods).patch(name, patch, options))
}

const nodeGone = ({ metadata: { generation } }: Pod, nowMs: number): PodCondition => ({
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
  lastTransitionTime: formatTime(nowMs),
  ...(generation !== undefined && { observedGeneration: generation }),
})

/** At once: there is nobody left who could stop it gracefully. */
async function remove({ metadata }: Pod, client: Client): Promise<void> {
  const { name = '', namespace = '', uid = '' } = metadata
  const options = { namespace, gracePeriodSeconds: 0, preconditions: { uid } }
  await ignoringGone(client.of(resources.pods).delete(name, options))
}

async function ignoringGone(request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error
  }
}
