import {
  type DaemonSet,
  isPodAvailable,
  type Node,
  scaledValueFromIntOrPercent,
} from '@miniplane/api'
import { isLeaving, type PodObject, type PodsByNode } from './nodes.js'
import { placementOn } from './placement.js'
import { type DaemonSetObject, isUpdated } from './pod-template.js'

export interface RollingStep {
  readonly remove: PodObject[]
  /** Nodes that get a new Pod beside their old one. */
  readonly create: string[]
}

/** On a node: the Pod of the present template and the one of an earlier. */
interface Pair {
  readonly node: string
  readonly fresh: PodObject | undefined
  readonly old: PodObject | undefined
}

/** Whether a new Pod may be made where an old one is. */
export const allowsSurge = (set: DaemonSet): boolean => {
  const { type, rollingUpdate } = set.spec.updateStrategy
  return (
    type === 'RollingUpdate' &&
    scaledValueFromIntOrPercent(rollingUpdate?.maxSurge ?? 0, 100, true) > 0
  )
}

/**
 * Which old Pods go now. Without surge: as many as may be unavailable, those that are so anyway
 * first, and their nodes get new ones when they are gone. With surge: the new one comes first.
 */
export function planRollingUpdate(
  set: DaemonSetObject,
  nodes: readonly Node[],
  pods: PodsByNode,
  hash: string,
  nowMs: number,
): RollingStep {
  const wanted = nodes.filter((node) => placementOn(set, node).shouldRun)
  const names = new Set([...pods.keys(), ...wanted.map(({ metadata }) => metadata.name ?? '')])
  const { maxSurge, maxUnavailable } = boundsOf(set, wanted.length)
  const pairs = [...names].map((node) => pairOn(node, pods.get(node) ?? [], set, hash))
  const serves = (pod: PodObject) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)
  return maxSurge === 0
    ? replaceInPlace(pairs, maxUnavailable, serves)
    : replaceBySurge(pairs, maxSurge, serves)
}

function boundsOf({ spec }: DaemonSet, desired: number) {
  const { maxUnavailable = 1, maxSurge = 0 } = spec.updateStrategy.rollingUpdate ?? {}
  const surge = scaledValueFromIntOrPercent(maxSurge, desired, true)
  const unavailable = scaledValueFromIntOrPercent(maxUnavailable, desired, true)
  // Both zero would never get anywhere.
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** Undefined where there are several of a kind: those are being cleaned up first. */
function pairOn(
  node: string,
  here: readonly PodObject[],
  set: DaemonSetObject,
  hash: string,
): Pair | undefined {
  const present = here.filter((pod) => !isLeaving(pod))
  const fresh = present.filter((pod) => isUpdated(set, hash, pod))
  const old = present.filter((pod) => !isUpdated(set, hash, pod))
  if (fresh.length > 1 || old.length > 1) return undefined
  return { node, fresh: fresh[0], old: old[0] }
}

type Serves = (pod: PodObject) => boolean

function replaceInPlace(
  pairs: readonly (Pair | undefined)[],
  maxUnavailable: number,
  serves: Serves,
): RollingStep {
  let unavailable = 0
  const broken: PodObject[] = []
  const serving: PodObject[] = []
  for (const pair of pairs) {
    const { fresh, old } = pair ?? {}
    if ((fresh === undefined) === (old === undefined)) unavailable++
    else if (fresh !== undefined) unavailable += serves(fresh) ? 0 : 1
    else if (old !== undefined && serves(old)) serving.push(old)
    else if (old !== undefined) {
      broken.push(old)
      unavailable++
    }
  }
  const left = Math.max(maxUnavailable - unavailable, 0)
  return { remove: [...broken, ...serving.slice(0, left)], create: [] }
}

function replaceBySurge(
  pairs: readonly (Pair | undefined)[],
  maxSurge: number,
  serves: Serves,
): RollingStep {
  let surging = 0
  const remove: PodObject[] = []
  const broken: string[] = []
  const serving: string[] = []
  for (const pair of pairs) {
    if (pair === undefined) surging++
    else if (pair.old === undefined) continue
    else if (pair.fresh === undefined) (serves(pair.old) ? serving : broken).push(pair.node)
    else if (!serves(pair.old) || serves(pair.fresh)) remove.push(pair.old)
    else surging++
  }
  const left = Math.max(maxSurge - surging, 0)
  return { remove, create: [...broken, ...serving.slice(0, left)] }
}
