import { type LabelMatcher, semanticEqual } from '@miniplane/api'
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
import { slowStart } from '../pod-control/slow-start.js'
import { type RevisionStore, syncRevision, truncateHistory } from '../revision-history/revisions.js'
import { FailedPods } from './failed-pods.js'
import { limits } from './limits.js'
import { type NodeChanges, planNodes } from './manage.js'
import { newRevision } from './new-revision.js'
import { type NodeObject, type PodObject, type PodsByNode, podsByNode } from './nodes.js'
import { type DaemonSetObject, HASH_LABEL, podForNode } from './pod-template.js'
import { planRollingUpdate } from './rolling.js'
import { countNodes } from './status.js'

interface Parts {
  readonly sets: Cache<DaemonSetObject>
  readonly pods: Cache<PodObject>
  readonly nodes: Cache<NodeObject>
  readonly revisions: RevisionStore
  readonly expectations: Expectations
  readonly selector: (set: DaemonSetObject) => LabelMatcher
  readonly clock: ControllerContext['clock']
}

/** One reconcile's view: the set, its Pods by node, and the hash of its present template. */
interface View {
  readonly set: DaemonSetObject
  readonly hash: string
  readonly pods: PodsByNode
  readonly nowMs: number
}

/** Brings a DaemonSet's Pods to the nodes it wants, and its status to what there is. */
export class DaemonSetReconciler {
  readonly #parts: Parts
  readonly #failedPods = new FailedPods()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  readonly reconcile: Reconcile = async (key, work) => {
    const { sets, revisions, expectations, clock } = this.#parts
    const set = sets.get(key)
    if (set === undefined) return undefined
    const uid = set.metadata.uid ?? ''
    // Looked at before the cache, which may catch up in between.
    const mayAct = expectations.isFulfilled(uid)
    const claimed = await this.#claim(set, work)
    if (set.metadata.deletionTimestamp !== undefined) return undefined
    const revision = await syncRevision(revisions, set, work.client, (draft) =>
      newRevision(revisions, set, draft, work.client),
    )
    const hash = revision.metadata.labels?.[HASH_LABEL] ?? ''
    const view = { set, hash, pods: podsByNode(claimed), nowMs: clock.now() }
    let recheckInMs: number | undefined
    let failure: unknown
    if (mayAct) {
      try {
        const { isQuiet, waitMs } = await this.#manage(view, work)
        recheckInMs = waitMs
        if (isQuiet) await this.#roll(view, work)
        await this.#truncate(view, claimed, work)
      } catch (error) {
        failure = error
      }
    }
    // What was deleted may be gone by now.
    const seen = { ...view, pods: podsByNode(controlledBy(this.#parts.pods, uid)) }
    const outcome = await this.#report(seen, mayAct, recheckInMs, work)
    if (failure !== undefined) throw failure
    return outcome
  }

  /** The set is gone: nothing about its failures matters to another of its name. */
  forget(uid: string): void {
    this.#failedPods.forget(uid)
  }

  #claim(set: DaemonSetObject, work: Work): Promise<PodObject[]> {
    return claimDependents<PodObject>({
      owner: set,
      ownerRef: resources.daemonSets,
      selector: this.#parts.selector(set),
      cache: this.#parts.pods,
      dependentRef: resources.pods,
      client: work.client,
    })
  }

  /** Also says when Pods that failed may be replaced. What it did the view does not show: no rollout. */
  async #manage(view: View, work: Work): Promise<{ isQuiet: boolean; waitMs: number | undefined }> {
    const { set, hash, pods, nowMs } = view
    const changes = planNodes(set, this.#parts.nodes.list(), pods, hash, nowMs)
    const { remove, waitMs } = this.#replaceEnded(view, changes.ended, work)
    const surplus = [...changes.remove, ...remove]
    await this.#carryOut(view, changes.create, surplus, work)
    return { isQuiet: changes.create.length === 0 && surplus.length === 0, waitMs }
  }

  #replaceEnded({ set, nowMs }: View, ended: NodeChanges['ended'], work: Work) {
    const remove: PodObject[] = []
    let waitMs: number | undefined
    for (const { pod, node } of ended) {
      const where = `daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${node}`
      if (pod.status.phase === 'Succeeded') {
        const message = `Found succeeded ${where}, will try to delete it`
        work.event(set, resources.daemonSets, {
          type: 'Normal',
          reason: 'SucceededDaemonPod',
          message,
        })
        remove.push(pod)
        continue
      }
      const leftMs = this.#failedPods.waitMs(`${set.metadata.uid}/${node}`, nowMs)
      if (leftMs > 0) {
        waitMs = Math.min(leftMs, waitMs ?? leftMs)
        continue
      }
      const message = `Found failed ${where}, will try to kill it`
      work.event(set, resources.daemonSets, { type: 'Warning', reason: 'FailedDaemonPod', message })
      remove.push(pod)
    }
    return { remove, waitMs }
  }

  async #roll(view: View, work: Work): Promise<void> {
    const { set, hash, pods, nowMs } = view
    if (set.spec.updateStrategy.type !== 'RollingUpdate') return
    const step = planRollingUpdate(set, this.#parts.nodes.list(), pods, hash, nowMs)
    await this.#carryOut(view, step.create, step.remove, work)
  }

  /** At most `limits.burstPods` of each; throws the first error when all were tried. */
  async #carryOut(
    { set, hash }: View,
    nodes: readonly string[],
    surplus: readonly PodObject[],
    work: Work,
  ): Promise<void> {
    const { expectations } = this.#parts
    const uid = set.metadata.uid ?? ''
    const create = nodes.slice(0, limits.burstPods)
    const remove = surplus.slice(0, limits.burstPods)
    if (create.length === 0 && remove.length === 0) return
    const uids = remove.map(({ metadata }) => metadata.uid ?? '')
    expectations.expect(uid, create.length, uids)
    const owner = { object: set, kind: resources.daemonSets }
    const { succeeded, error } = await slowStart(create.length, async (index) => {
      try {
        await createPod(work, owner, podForNode(set, hash, create[index] ?? ''))
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error
        expectations.creationsObserved(uid)
      }
    })
    if (succeeded < create.length) expectations.creationsObserved(uid, create.length - succeeded)
    const deletions = await Promise.allSettled(
      remove.map(async (pod) => {
        try {
          await deletePod(work, owner, pod)
        } catch (error) {
          expectations.deletionObserved(uid, pod.metadata.uid ?? '')
          throw error
        }
      }),
    )
    const failed = deletions.find((result) => result.status === 'rejected')
    if (error !== undefined) throw error
    if (failed) throw failed.reason
  }

  async #truncate({ set, hash }: View, pods: readonly PodObject[], work: Work): Promise<void> {
    const live = new Set([hash, ...pods.map(({ metadata }) => metadata.labels?.[HASH_LABEL])])
    await truncateHistory(
      this.#parts.revisions,
      set,
      ({ metadata }) => live.has(metadata.labels?.[HASH_LABEL]),
      set.spec.revisionHistoryLimit ?? limits.revisionHistory,
      work.client,
    )
  }

  /** `isCurrent`: the set was acted on, not only counted. */
  async #report(
    { set, hash, pods, nowMs }: View,
    isCurrent: boolean,
    recheckInMs: number | undefined,
    work: Work,
  ): Promise<Outcome | undefined> {
    const nodes = this.#parts.nodes.list()
    const { status: counts, nextAvailableInMs } = countNodes(set, nodes, pods, hash, nowMs)
    const { generation = 0 } = set.metadata
    const observedGeneration = isCurrent ? generation : (set.status.observedGeneration ?? 0)
    const status = { ...counts, observedGeneration }
    if (!semanticEqual(withoutZeros(set.status), withoutZeros(status))) {
      const client = work.client.of(resources.daemonSets)
      await updateStatus(client, set, (latest) => ({ ...latest, status }))
    }
    const delays = [recheckInMs, nextAvailableInMs].filter((ms) => ms !== undefined)
    return delays.length === 0 ? undefined : requeueAfter(Math.min(...delays))
  }
}

/** A count of zero may be written or left out. */
const withoutZeros = (status: object): object =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0))
