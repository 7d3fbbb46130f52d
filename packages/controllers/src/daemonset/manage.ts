import { isPodAvailable, isPodReady, type Node } from '@miniplane/api'
import { byAge, isLeaving, type PodObject, type PodsByNode } from './nodes.js'
import { placementOn } from './placement.js'
import { type DaemonSetObject, isUpdated } from './pod-template.js'
import { allowsSurge } from './rolling.js'

export interface NodeChanges {
  /** Nodes that a Pod is to be made for. */
  readonly create: string[]
  readonly remove: PodObject[]
  /** Pods that ended where they should run for ever; to be removed too, in their own time. */
  readonly ended: { readonly pod: PodObject; readonly node: string }[]
}

/** Every node that should have a Pod gets one; those that should not, or have several, lose them. */
export function planNodes(
  set: DaemonSetObject,
  nodes: readonly Node[],
  pods: PodsByNode,
  hash: string,
  nowMs: number,
): NodeChanges {
  const changes: NodeChanges = { create: [], remove: [], ended: [] }
  const known = new Set<string>()
  for (const node of nodes) {
    const name = node.metadata.name ?? ''
    known.add(name)
    const here = pods.get(name) ?? []
    const { shouldRun, mayStay } = placementOn(set, node)
    if (!mayStay) changes.remove.push(...here.filter((pod) => !isLeaving(pod)))
    else if (here.length === 0) {
      if (shouldRun) changes.create.push(name)
    } else changes.remove.push(...surplusOn(set, hash, sortOut(here, name, changes), nowMs))
  }
  for (const [name, here] of pods) {
    if (known.has(name)) continue
    // Bound ones are the business of whoever collects the Pods of lost nodes.
    changes.remove.push(...here.filter((pod) => !pod.spec.nodeName && !isLeaving(pod)))
  }
  return changes
}

/** The Pods that run or will; notes those that ended. */
function sortOut(here: readonly PodObject[], node: string, { ended }: NodeChanges): PodObject[] {
  const running: PodObject[] = []
  for (const pod of here) {
    if (isLeaving(pod)) continue
    const { phase } = pod.status
    if (phase === 'Failed' || phase === 'Succeeded') ended.push({ pod, node })
    else running.push(pod)
  }
  return running.sort(byAge)
}

/**
 * One Pod a node, the oldest. While a surge is on, two: an old one that serves and a new one that
 * does not yet.
 */
function surplusOn(
  set: DaemonSetObject,
  hash: string,
  running: readonly PodObject[],
  nowMs: number,
): PodObject[] {
  if (running.length <= 1) return []
  if (!allowsSurge(set)) return running.slice(1)
  const isNew = (pod: PodObject) => isUpdated(set, hash, pod)
  const fresh = running.find(isNew)
  const old = running.find((pod) => !isNew(pod))
  const isServing = (pod: PodObject) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)
  const mayBoth = fresh && old && isPodReady(old) && !isServing(fresh)
  const kept = mayBoth ? [fresh, old] : [fresh ?? old]
  return running.filter((pod) => !kept.includes(pod))
}
