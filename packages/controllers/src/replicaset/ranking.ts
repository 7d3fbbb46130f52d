import { isPodReady, type Pod, parseTime, podReadyCondition } from '@miniplane/api'

const COST = 'controller.kubernetes.io/pod-deletion-cost'

/** A Pod with what decides how soon it has to go; computed once, not at every comparison. */
interface Candidate {
  readonly pod: Pod
  readonly isAssigned: boolean
  readonly phase: number
  readonly isReady: boolean
  readonly cost: number
  /** Pods on the same node that do the same work. */
  readonly neighbours: number
  readonly readySinceMs: number
  readonly restarts: number
  readonly createdMs: number
}

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

/**
 * The `count` Pods whose loss hurts least, in the order of Kubernetes: first those without a node,
 * then by phase, readiness, deletion cost, crowding of their node, then the younger ones.
 *
 * `related` are the Pods that share the work (those of all ReplicaSets of one Deployment).
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  nowMs: number,
): Pod[] {
  if (count >= pods.length) return [...pods]
  const neighbours = new Map<string, number>()
  for (const { spec } of related) {
    const node = spec.nodeName
    if (node) neighbours.set(node, (neighbours.get(node) ?? 0) + 1)
  }
  return pods
    .map((pod) => candidateOf(pod, neighbours))
    .sort((a, b) => compare(a, b, nowMs))
    .slice(0, count)
    .map(({ pod }) => pod)
}

function candidateOf(pod: Pod, neighbours: ReadonlyMap<string, number>): Candidate {
  const node = pod.spec.nodeName ?? ''
  return {
    pod,
    isAssigned: node !== '',
    phase: PHASES[pod.status.phase ?? 'Pending'] ?? 0,
    isReady: isPodReady(pod),
    cost: deletionCost(pod),
    neighbours: neighbours.get(node) ?? 0,
    readySinceMs: msOf(podReadyCondition(pod)?.lastTransitionTime),
    restarts: maxRestarts(pod),
    createdMs: msOf(pod.metadata.creationTimestamp),
  }
}

/** Negative when `a` has to go before `b`. */
function compare(a: Candidate, b: Candidate, nowMs: number): number {
  if (a.isAssigned !== b.isAssigned) return a.isAssigned ? 1 : -1
  if (a.phase !== b.phase) return a.phase - b.phase
  if (a.isReady !== b.isReady) return a.isReady ? 1 : -1
  if (a.cost !== b.cost) return a.cost - b.cost
  if (a.neighbours !== b.neighbours) return b.neighbours - a.neighbours
  if (a.isReady && a.readySinceMs !== b.readySinceMs) {
    return compareAges(a, b, a.readySinceMs, b.readySinceMs, nowMs)
  }
  if (a.restarts !== b.restarts) return b.restarts - a.restarts
  if (a.createdMs === b.createdMs) return 0
  return compareAges(a, b, a.createdMs, b.createdMs, nowMs)
}

/**
 * The younger goes first, but ages count by their magnitude only (1 s, 2 s, 4 s, …), and among
 * equals the uid decides, which is chance: otherwise a scale-down would always take exactly what
 * the last scale-up had added, wherever that made the spread uneven.
 */
function compareAges(a: Candidate, b: Candidate, aMs: number, bMs: number, nowMs: number): number {
  if (aMs === 0) return -1
  if (bMs === 0) return 1
  const difference = magnitude(nowMs - aMs) - magnitude(nowMs - bMs)
  if (difference !== 0) return difference
  return (a.pod.metadata.uid ?? '') < (b.pod.metadata.uid ?? '') ? -1 : 1
}

const NANOSECONDS = 1_000_000

const magnitude = (ageMs: number): number =>
  ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * NANOSECONDS))

function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[COST]
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : 0
}

function maxRestarts({ status }: Pod): number {
  let max = 0
  for (const { restartCount } of status.containerStatuses ?? []) max = Math.max(max, restartCount)
  return max
}

/** 0 for "never". */
const msOf = (time: string | null | undefined): number => (time ? parseTime(time) : 0)
