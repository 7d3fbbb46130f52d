import {
  type DaemonSetStatus,
  isPodAvailable,
  isPodReady,
  type Node,
  podReadySinceMs,
} from '@miniplane/api'
import { byAge, type PodsByNode } from './nodes.js'
import { placementOn } from './placement.js'
import { type DaemonSetObject, isUpdated } from './pod-template.js'

export interface NodeCounts {
  readonly status: Omit<DaemonSetStatus, 'observedGeneration'>
  /** When the next ready Pod will have been ready long enough; undefined when none is waiting. */
  readonly nextAvailableInMs: number | undefined
}

/** Counts nodes, not Pods: each by the oldest Pod it has. */
export function countNodes(
  set: DaemonSetObject,
  nodes: readonly Node[],
  pods: PodsByNode,
  hash: string,
  nowMs: number,
): NodeCounts {
  const minReadySeconds = set.spec.minReadySeconds ?? 0
  let [desired, current, ready, available, updated, misscheduled] = [0, 0, 0, 0, 0, 0]
  let nextAvailableInMs: number | undefined
  for (const node of nodes) {
    const [oldest] = [...(pods.get(node.metadata.name ?? '') ?? [])].sort(byAge)
    if (!placementOn(set, node).shouldRun) {
      if (oldest) misscheduled++
      continue
    }
    desired++
    if (oldest === undefined) continue
    current++
    if (isUpdated(set, hash, oldest)) updated++
    if (!isPodReady(oldest)) continue
    ready++
    if (isPodAvailable(oldest, minReadySeconds, nowMs)) available++
    else {
      const waitMs = (podReadySinceMs(oldest) ?? nowMs) + minReadySeconds * 1000 - nowMs
      nextAvailableInMs = Math.min(waitMs, nextAvailableInMs ?? waitMs)
    }
  }
  const { collisionCount, conditions } = set.status
  const status = {
    desiredNumberScheduled: desired,
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    numberReady: ready,
    updatedNumberScheduled: updated,
    numberAvailable: available,
    numberUnavailable: desired - available,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  }
  return { status, nextAvailableInMs }
}
