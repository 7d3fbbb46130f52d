import {
  isPodAvailable,
  isPodReady,
  type Pod,
  type StatefulSet,
  scaledValueFromIntOrPercent,
} from '@miniplane/api'
import { ordinalOf, revisionNameOf } from './identity.js'

/** Names of the revisions that a set moves between; the same when nothing is rolled. */
export interface Revisions {
  readonly current: string
  readonly update: string
}

export type Action =
  | { readonly do: 'create'; readonly ordinal: number; readonly revision: string }
  | { readonly do: 'delete'; readonly pod: Pod }

const startOf = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0

const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1

const isLeaving = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined

const isRunningAndReady = (pod: Pod): boolean => pod.status.phase === 'Running' && isPodReady(pod)

/**
 * The next steps. In order (the default): one Pod at a time, each only when all before it are
 * there, ready and available; down from the highest ordinal, up from the lowest. Parallel: all at
 * once. A rolling update replaces from the highest ordinal down to the partition.
 */
export function planStep(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  nowMs: number,
): Action[] {
  const { slots, condemned } = sortOut(set, pods)
  const isHealthy = (pod: Pod) =>
    !isLeaving(pod) &&
    isRunningAndReady(pod) &&
    isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)
  const inOrder = set.spec.podManagementPolicy !== 'Parallel'

  const missing = planReplicas(set, slots, revisions, inOrder, isHealthy)
  if (missing.blocked || (inOrder && missing.actions.length > 0)) return missing.actions
  const surplus = planCondemned(condemned, slots, inOrder, isHealthy)
  if (surplus.blocked || (inOrder && surplus.actions.length > 0)) {
    return [...missing.actions, ...surplus.actions]
  }
  const before = [...missing.actions, ...surplus.actions]
  return [...before, ...planUpdate(set, slots, revisions, isHealthy)]
}

interface Slot {
  readonly ordinal: number
  readonly pod: Pod | undefined
}

interface Step {
  readonly actions: Action[]
  /** Something has to happen first, of which an event will tell. */
  readonly blocked: boolean
}

/** Of all that may be wanted, so many that are missing are looked at in one step. */
const MISSING_MAX = 500

/** Slots by ordinal: each of a Pod that is there, and the first that have none. */
function sortOut(set: StatefulSet, pods: readonly Pod[]) {
  const start = startOf(set)
  const end = start + replicasOf(set)
  const wanted = new Map<number, Pod>()
  const condemned: Slot[] = []
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal === undefined) continue
    if (ordinal >= start && ordinal < end) wanted.set(ordinal, pod)
    else condemned.push({ ordinal, pod })
  }
  const slots: Slot[] = [...wanted].map(([ordinal, pod]) => ({ ordinal, pod }))
  let missing = 0
  for (let ordinal = start; ordinal < end && missing < MISSING_MAX; ordinal++) {
    if (wanted.has(ordinal)) continue
    slots.push({ ordinal, pod: undefined })
    missing++
  }
  slots.sort((a, b) => a.ordinal - b.ordinal)
  condemned.sort((a, b) => b.ordinal - a.ordinal)
  return { slots, condemned }
}

function planReplicas(
  set: StatefulSet,
  slots: readonly Slot[],
  revisions: Revisions,
  inOrder: boolean,
  isHealthy: (pod: Pod) => boolean,
): Step {
  const actions: Action[] = []
  for (const { ordinal, pod } of slots) {
    if (pod === undefined) {
      actions.push({ do: 'create', ordinal, revision: revisionFor(set, ordinal, revisions) })
    } else if (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') {
      if (!isLeaving(pod)) actions.push({ do: 'delete', pod })
      else if (inOrder) return { actions, blocked: true }
    } else if (inOrder && !isHealthy(pod)) return { actions, blocked: true }
    if (inOrder && actions.length > 0) return { actions, blocked: true }
  }
  return { actions, blocked: false }
}

/** Below the partition, and those that the rollout has not reached, Pods come back as they were. */
function revisionFor(set: StatefulSet, ordinal: number, { current, update }: Revisions): string {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type !== 'RollingUpdate') return update
  const kept = rollingUpdate ? (rollingUpdate.partition ?? 0) : (set.status.currentReplicas ?? 0)
  return ordinal < startOf(set) + kept ? current : update
}

function planCondemned(
  condemned: readonly Slot[],
  slots: readonly Slot[],
  inOrder: boolean,
  isHealthy: (pod: Pod) => boolean,
): Step {
  const actions: Action[] = []
  const firstUnhealthy = [...slots, ...condemned.toReversed()].find(
    ({ pod }) => pod && !isHealthy(pod),
  )?.pod
  for (const { pod } of condemned) {
    if (pod === undefined) continue
    if (isLeaving(pod)) {
      if (inOrder) return { actions, blocked: true }
      continue
    }
    // An unhealthy one may go if it is the one that holds everything up.
    if (inOrder && !isHealthy(pod) && pod !== firstUnhealthy) return { actions, blocked: true }
    actions.push({ do: 'delete', pod })
    if (inOrder) return { actions, blocked: true }
  }
  return { actions, blocked: false }
}

function planUpdate(
  set: StatefulSet,
  slots: readonly Slot[],
  { update }: Revisions,
  isHealthy: (pod: Pod) => boolean,
): Action[] {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type === 'OnDelete') return []
  const partition = startOf(set) + (rollingUpdate?.partition ?? 0)
  const unavailable = slots.filter(({ pod }) => pod === undefined || !isHealthy(pod)).length
  let left = maxUnavailable(set) - unavailable
  const actions: Action[] = []
  for (const { ordinal, pod } of slots.toReversed()) {
    if (ordinal < partition || left <= 0) break
    if (pod === undefined || isLeaving(pod) || revisionNameOf(pod) === update) continue
    actions.push({ do: 'delete', pod })
    left--
  }
  return actions
}

/** A share is rounded down; at least one, or nothing would ever be updated. */
function maxUnavailable(set: StatefulSet): number {
  const value = set.spec.updateStrategy.rollingUpdate?.maxUnavailable ?? 1
  return Math.max(scaledValueFromIntOrPercent(value, replicasOf(set), false), 1)
}
