import {
  controllerOf,
  formatTime,
  isPodActive,
  isPodTerminal,
  type KubeObject,
  type LabelMatcher,
  labelsMatcher,
  type Pod,
  type ReplicaSetCondition,
  type ReplicaSetStatus,
  semanticEqual,
} from '@miniplane/api'
import { type Cache, resources } from '@miniplane/client'
import {
  type ControllerContext,
  type Outcome,
  type Reconcile,
  requeueAfter,
  type Work,
} from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { updateStatus } from '../manager/update-status.js'
import { claimDependents } from '../ownership/claim.js'
import type { Expectations } from '../ownership/expectations.js'
import { controlledBy } from '../ownership/indexes.js'
import { createPod, deletePod } from '../pod-control/pod-control.js'
import { podFromTemplate } from '../pod-control/pod-from-template.js'
import { slowStart } from '../pod-control/slow-start.js'
import { limits } from './limits.js'
import { podsToDelete } from './ranking.js'
import type { ReplicaOwnerKind } from './replica-owner.js'
import {
  countReplicas,
  failureConditions,
  type ReplicaFailure,
  sortOutPods,
} from './replica-status.js'

interface Parts<T extends KubeObject> {
  readonly owners: Cache<T>
  readonly pods: Cache<Pod & KubeObject>
  readonly expectations: Expectations
  readonly selector: (owner: T) => LabelMatcher
  readonly context: Pick<ControllerContext, 'clock'>
}

/** Brings the number of an owner's Pods to what it wants, and its status to what there is. */
export class ReplicaReconciler<T extends KubeObject> {
  readonly #kind: ReplicaOwnerKind<T>
  readonly #parts: Parts<T>

  constructor(kind: ReplicaOwnerKind<T>, parts: Parts<T>) {
    this.#kind = kind
    this.#parts = parts
  }

  readonly reconcile: Reconcile = async (key, work) => {
    const { owners, pods, expectations, selector } = this.#parts
    const owner = owners.get(key)
    if (owner === undefined) return undefined
    // Looked at before the cache, which may catch up in between; the other way round would act on
    // a cache from before.
    const mayAct = expectations.isFulfilled(owner.metadata.uid ?? '')
    const claimed = await claimDependents<Pod & KubeObject>({
      owner,
      ownerRef: this.#kind.ref,
      selector: selector(owner),
      cache: pods,
      dependentRef: resources.pods,
      client: work.client,
      concerns: (pod) => !isPodTerminal(pod),
    })
    const { active, terminating } = sortOutPods(claimed)
    let failure: Failure | undefined
    if (mayAct && owner.metadata.deletionTimestamp === undefined) {
      failure = await this.#manage(owner, active, work)
    }
    const outcome = await this.#report(owner, active, terminating, failure, work)
    if (failure !== undefined) throw failure.error
    return outcome
  }

  /** Creates or deletes what is missing or too much, at most `limits.burstReplicas` at a time. */
  #manage(owner: T, active: readonly Pod[], work: Work): Promise<Failure | undefined> {
    const surplus = active.length - this.#kind.replicas(owner)
    if (surplus < 0) return this.#create(owner, Math.min(-surplus, limits.burstReplicas), work)
    if (surplus > 0) {
      return this.#delete(owner, active, Math.min(surplus, limits.burstReplicas), work)
    }
    return Promise.resolve(undefined)
  }

  async #create(owner: T, count: number, work: Work): Promise<Failure | undefined> {
    const { expectations } = this.#parts
    const uid = owner.metadata.uid ?? ''
    const pod = podFromTemplate(this.#kind.template(owner), owner, this.#kind.ref)
    const podOwner = { object: owner, kind: this.#kind.ref }
    expectations.expectCreations(uid, count)
    const { succeeded, error } = await slowStart(count, async () => {
      try {
        await createPod(work, podOwner, pod)
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error
        // Nothing more can be created there; what was expected of this one never comes.
        expectations.creationsObserved(uid)
      }
    })
    // Those that failed or were not tried will never be seen.
    if (succeeded < count) expectations.creationsObserved(uid, count - succeeded)
    return error === undefined ? undefined : { reason: 'FailedCreate', error }
  }

  async #delete(
    owner: T,
    active: readonly Pod[],
    count: number,
    work: Work,
  ): Promise<Failure | undefined> {
    const { expectations, context } = this.#parts
    const uid = owner.metadata.uid ?? ''
    const related = this.#podsOfSiblings(owner)
    const victims = podsToDelete(active, related, count, context.clock.now())
    expectations.expectDeletions(
      uid,
      victims.map(({ metadata }) => metadata.uid ?? ''),
    )
    const podOwner = { object: owner, kind: this.#kind.ref }
    const results = await Promise.allSettled(
      victims.map(async (pod) => {
        try {
          await deletePod(work, podOwner, pod)
        } catch (error) {
          expectations.deletionObserved(uid, pod.metadata.uid ?? '')
          throw error
        }
      }),
    )
    const failed = results.find((result) => result.status === 'rejected')
    return failed && { reason: 'FailedDelete', error: failed.reason }
  }

  /** Active Pods of all owners with the same controller: of the whole Deployment, if it is one. */
  #podsOfSiblings(owner: T): Pod[] {
    const { owners, pods } = this.#parts
    const controller = controllerOf(owner)
    const siblings = controller === undefined ? [owner] : controlledBy(owners, controller.uid)
    return siblings
      .flatMap(({ metadata }) => controlledBy(pods, metadata.uid ?? ''))
      .filter(isPodActive)
  }

  async #report(
    owner: T,
    active: readonly Pod[],
    terminating: number,
    failure: Failure | undefined,
    work: Work,
  ): Promise<Outcome | undefined> {
    const nowMs = this.#parts.context.clock.now()
    const template = labelsMatcher(this.#kind.template(owner).metadata?.labels)
    const minReadySeconds = this.#kind.minReadySeconds(owner)
    const counts = countReplicas(active, template, minReadySeconds, nowMs)
    const old = this.#kind.status(owner)
    const conditions = failureConditions(
      old.conditions ?? [],
      toReplicaFailure(failure),
      formatTime(nowMs),
    )
    const status: ReplicaSetStatus = {
      replicas: counts.replicas,
      fullyLabeledReplicas: counts.fullyLabeled,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      terminatingReplicas: terminating,
      observedGeneration: owner.metadata.generation ?? 0,
      ...(conditions.length === 0 ? {} : { conditions: [...conditions] as ReplicaSetCondition[] }),
    }
    if (!sameStatus(old, status)) {
      const client = work.client.of(this.#kind.ref)
      await updateStatus(client, owner, (latest) => ({ ...latest, status }))
    }
    const { nextAvailableInMs } = counts
    return nextAvailableInMs === undefined ? undefined : requeueAfter(nextAvailableInMs)
  }
}

interface Failure {
  readonly reason: ReplicaFailure['reason']
  readonly error: unknown
}

const toReplicaFailure = (failure: Failure | undefined): ReplicaFailure | undefined =>
  failure && {
    reason: failure.reason,
    message: failure.error instanceof Error ? failure.error.message : String(failure.error),
  }

const sameStatus = (old: ReplicaSetStatus, status: ReplicaSetStatus): boolean =>
  old.replicas === status.replicas &&
  (old.fullyLabeledReplicas ?? 0) === status.fullyLabeledReplicas &&
  (old.readyReplicas ?? 0) === status.readyReplicas &&
  (old.availableReplicas ?? 0) === status.availableReplicas &&
  old.terminatingReplicas === status.terminatingReplicas &&
  old.observedGeneration === status.observedGeneration &&
  semanticEqual(old.conditions, status.conditions)
