import {
  isPodAvailable,
  isPodReady,
  type Pod,
  type StatefulSet,
  type StatefulSetStatus,
} from '@miniplane/api'
import { revisionNameOf } from './identity.js'
import type { Revisions } from './plan.js'

export interface SyncedRevisions extends Revisions {
  /** Names of revisions that were taken, in all of the set's life. */
  readonly collisionCount: number
}

/** Counts of the Pods that there are, and where between two revisions the set stands. */
export function statusOf(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: SyncedRevisions,
  nowMs: number,
): StatefulSetStatus {
  const { spec, status } = set
  let ready = 0
  let available = 0
  let current = 0
  let updated = 0
  for (const pod of pods) {
    if (pod.status.phase === 'Running' && isPodReady(pod)) {
      ready++
      if (isPodAvailable(pod, spec.minReadySeconds ?? 0, nowMs)) available++
    }
    if (pod.metadata.deletionTimestamp !== undefined) continue
    if (revisionNameOf(pod) === revisions.current) current++
    if (revisionNameOf(pod) === revisions.update) updated++
  }
  const wanted = spec.replicas ?? 1
  const isRolled =
    spec.updateStrategy.type === 'RollingUpdate' &&
    updated === wanted &&
    ready === wanted &&
    pods.length === wanted
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: available,
    currentReplicas: isRolled ? updated : current,
    updatedReplicas: updated,
    currentRevision: isRolled ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: revisions.collisionCount,
    ...(status.conditions === undefined ? {} : { conditions: status.conditions }),
  }
}
