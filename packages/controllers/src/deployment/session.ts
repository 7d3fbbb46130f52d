import {
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  type KubeObject,
  type Pod,
  type ReplicaSet,
  semanticEqual,
} from '@miniplane/api'
import { type Cache, type EventDetails, type ResourceClient, resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'
import { annotations, hasAll, sizeAnnotations } from './annotations.js'
import { withCondition } from './conditions.js'
import type { Rollout } from './progress.js'
import { sizeOf } from './sizes.js'

export type DeploymentObject = Deployment & KubeObject
export type ReplicaSetObject = ReplicaSet & KubeObject

/**
 * One reconcile of one Deployment: what it knows, and its ways to write. Written objects take the
 * place of the cached ones, so that what follows builds on them.
 */
export class Session implements Rollout {
  readonly nowMs: number
  readonly pods: Cache<Pod & KubeObject>
  deployment: DeploymentObject
  newSet: ReplicaSetObject | undefined
  old: ReplicaSetObject[]
  readonly #work: Work

  constructor(
    work: Work,
    pods: Cache<Pod & KubeObject>,
    nowMs: number,
    deployment: DeploymentObject,
    sets: { newSet: ReplicaSetObject | undefined; old: ReplicaSetObject[] },
  ) {
    this.#work = work
    this.pods = pods
    this.nowMs = nowMs
    this.deployment = deployment
    this.newSet = sets.newSet
    this.old = sets.old
  }

  get all(): ReplicaSetObject[] {
    return this.newSet ? [...this.old, this.newSet] : this.old
  }

  get deployments(): ResourceClient<DeploymentObject> {
    return this.#work.client.of(resources.deployments)
  }

  get replicaSets(): ResourceClient<ReplicaSetObject> {
    return this.#work.client.of(resources.replicaSets)
  }

  event(type: EventDetails['type'], reason: string, message: string): void {
    this.#work.event(this.deployment, resources.deployments, { type, reason, message })
  }

  /** Takes the place of the ReplicaSet of the same name among those known. */
  know(updated: ReplicaSetObject): void {
    const isIt = ({ metadata }: ReplicaSet) => metadata.name === updated.metadata.name
    if (this.newSet && isIt(this.newSet)) this.newSet = updated
    else this.old = this.old.map((each) => (isIt(each) ? updated : each))
  }

  /** Writes size and size annotations if they differ, and reports a change of size. */
  async scale({ metadata }: ReplicaSet, to: number): Promise<void> {
    const set = this.all.find((each) => each.metadata.name === metadata.name)
    if (set === undefined) return
    const from = sizeOf(set)
    const sizes = sizeAnnotations(this.deployment)
    if (from === to && hasAll(set.metadata.annotations, sizes)) return
    const updated = await this.replicaSets.update({
      ...set,
      metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...sizes } },
      spec: { ...set.spec, replicas: to },
    })
    this.know(updated)
    if (from === to) return
    const direction = to > from ? 'up' : 'down'
    const text = `Scaled ${direction} replica set ${metadata.name} from ${from} to ${to}`
    this.event('Normal', 'ScalingReplicaSet', text)
  }

  /** Writes the Deployment's status, if it is not so already. */
  async writeStatus(status: DeploymentStatus): Promise<void> {
    if (semanticEqual(this.deployment.status, status)) return
    this.deployment = await this.deployments.updateStatus({ ...this.deployment, status })
  }

  async writeCondition(condition: DeploymentCondition): Promise<void> {
    const { status } = this.deployment
    const conditions = [...withCondition(status.conditions ?? [], condition)]
    await this.writeStatus({ ...status, conditions })
  }

  /**
   * The revision travels with the status, so that it is no change of what the user wants: the
   * server takes annotations from a status write of a Deployment, and keeps its generation.
   */
  async writeRevision(
    revision: string | undefined,
    condition: DeploymentCondition | undefined,
  ): Promise<void> {
    const { metadata, status } = this.deployment
    const isNumbered = metadata.annotations?.[annotations.revision] === revision
    if ((revision === undefined || isNumbered) && condition === undefined) return
    const conditions = status.conditions ?? []
    this.deployment = await this.deployments.updateStatus({
      ...this.deployment,
      metadata: {
        ...metadata,
        annotations: {
          ...metadata.annotations,
          ...(revision === undefined ? {} : { [annotations.revision]: revision }),
        },
      },
      status: {
        ...status,
        conditions: [...(condition ? withCondition(conditions, condition) : conditions)],
      },
    })
  }
}
