import type { GroupVersionKind } from '@miniplane/api'
import { resources } from '@miniplane/client'

/** Kinds that controllers own objects with, or report about. */
export const kinds = {
  deployment: resources.deployments,
  replicaSet: resources.replicaSets,
  replicationController: resources.replicationControllers,
  statefulSet: resources.statefulSets,
  daemonSet: resources.daemonSets,
  job: resources.jobs,
  cronJob: resources.cronJobs,
  pod: resources.pods,
  node: resources.nodes,
  service: resources.services,
  persistentVolume: resources.persistentVolumes,
  persistentVolumeClaim: resources.persistentVolumeClaims,
  podDisruptionBudget: resources.podDisruptionBudgets,
  horizontalPodAutoscaler: resources.horizontalPodAutoscalers,
} as const satisfies Record<string, GroupVersionKind>
