import {
  isPodActive,
  isPodReady,
  isPodTerminal,
  type LabelMatcher,
  type Pod,
  podReadySinceMs,
  type ReplicaSetCondition,
} from '@miniplane/api'

export interface ReplicaCounts {
  readonly replicas: number
  readonly fullyLabeled: number
  readonly ready: number
  readonly available: number
  /** When the next ready Pod will have been ready long enough; undefined when none is waiting. */
  readonly nextAvailableInMs: number | undefined
}

/** What `pods` (the active ones) come to. One walk, since it runs for every change of a Pod. */
export function countReplicas(
  pods: readonly Pod[],
  templateLabels: LabelMatcher,
  minReadySeconds: number,
  nowMs: number,
): ReplicaCounts {
  let fullyLabeled = 0
  let ready = 0
  let available = 0
  let nextAvailableInMs: number | undefined
  for (const pod of pods) {
    if (templateLabels.matches(pod.metadata.labels)) fullyLabeled++
    if (!isPodReady(pod)) continue
    ready++
    const waitMs =
      minReadySeconds === 0 ? 0 : (podReadySinceMs(pod) ?? nowMs) + minReadySeconds * 1000 - nowMs
    if (waitMs <= 0) available++
    else nextAvailableInMs = Math.min(waitMs, nextAvailableInMs ?? waitMs)
  }
  return { replicas: pods.length, fullyLabeled, ready, available, nextAvailableInMs }
}

/** The Pods that count, and how many are still on their way out. */
export function sortOutPods(pods: readonly Pod[]): { active: Pod[]; terminating: number } {
  const active: Pod[] = []
  let terminating = 0
  for (const pod of pods) {
    if (isPodActive(pod)) active.push(pod)
    else if (!isPodTerminal(pod)) terminating++
  }
  return { active, terminating }
}

/** Why the last attempt to create or delete Pods failed. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete'
  readonly message: string
}

/** The conditions with `ReplicaFailure` set or removed; the same list when nothing changes. */
export function failureConditions<T extends ReplicaSetCondition>(
  conditions: readonly T[],
  failure: ReplicaFailure | undefined,
  now: string,
): readonly (T | ReplicaSetCondition)[] {
  const old = conditions.find(({ type }) => type === 'ReplicaFailure')
  if (failure === undefined) return old === undefined ? conditions : without(conditions, old)
  // The first failure stays: a message that changes with every try would be a write a try.
  if (old !== undefined) return conditions
  return [
    ...conditions,
    { type: 'ReplicaFailure', status: 'True', lastTransitionTime: now, ...failure },
  ]
}

const without = <T>(list: readonly T[], item: T): readonly T[] =>
  list.filter((each) => each !== item)
