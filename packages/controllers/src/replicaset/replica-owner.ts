import type { KubeObject, LabelMatcher, PodTemplateSpec, ReplicaSetStatus } from '@miniplane/api'
import type { ResourceRef } from '@miniplane/client'

/**
 * What ReplicaSet and ReplicationController have in common: so many Pods like this template,
 * found by this selector.
 */
export interface ReplicaOwnerKind<T extends KubeObject> {
  readonly controllerName: string
  readonly ref: ResourceRef<T>
  replicas(owner: T): number
  minReadySeconds(owner: T): number
  template(owner: T): PodTemplateSpec
  selector(owner: T): LabelMatcher
  status(owner: T): ReplicaSetStatus
}
