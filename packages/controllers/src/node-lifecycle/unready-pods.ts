import {
  findCondition,
  formatTime,
  isStatusError,
  type KubeObject,
  type Node,
  type NodeCondition,
  type Pod,
  parseTime,
  podReadyCondition,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'

/**
 * Nobody on a lost node can say that its Pods are not ready, so the control plane does. Pods that
 * became ready after the node was lost are left alone: somebody does speak for them.
 */
export async function markPodsNotReady(
  node: Node,
  pods: readonly (Pod & KubeObject)[],
  work: Work,
  nowMs: number,
): Promise<void> {
  const lostSinceMs = since(findCondition<NodeCondition>(node.status.conditions, 'Ready'))
  const isStale = (pod: Pod) => {
    const ready = podReadyCondition(pod)
    return ready?.status === 'True' && since(ready) <= lostSinceMs
  }
  await Promise.all(pods.filter(isStale).map((pod) => markNotReady(pod, work, nowMs)))
}

const since = (condition: { lastTransitionTime?: string | null } | undefined): number =>
  condition?.lastTransitionTime ? parseTime(condition.lastTransitionTime) : 0

async function markNotReady(pod: Pod & KubeObject, work: Work, nowMs: number): Promise<void> {
  const now = formatTime(nowMs)
  const conditions = (pod.status.conditions ?? []).map((condition) =>
    condition.type === 'Ready'
      ? { ...condition, status: 'False', lastTransitionTime: now }
      : condition,
  )
  try {
    await work.client
      .of(resources.pods)
      .updateStatus({ ...pod, status: { ...pod.status, conditions } })
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return
    throw error
  }
  const message = 'Node is not ready'
  work.event(pod, resources.pods, { type: 'Warning', reason: 'NodeNotReady', message })
}
